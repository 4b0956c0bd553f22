//! A provider: its document and keys as they are known, the address a browser is led to, and what a code stands for.

use super::http::{Asker, HttpTrouble};
use crate::moment::Moment;
use crate::people::{Identity, Passage, Provider, ProviderTrouble, SUBJECT_BYTES_MAX, Vouched};
use crate::secret::Secret;
use crate::walk::port::Secrets;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreProviderMetadata, CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse,
    CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthType, AuthenticationContextClass, AuthorizationCode, ClaimsVerificationError, Client,
    ClientId, ClientSecret, CsrfToken, DiscoveryError, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IdToken, IdTokenClaims, IdTokenFields, IdTokenVerifier, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError, StandardErrorResponse,
    StandardTokenResponse, TokenResponse as _,
};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::Mutex;
use url::Url;

/// How long all requests of one visitor may take, so that the console answers in its own time.
const VISIT_WITHIN: Duration = Duration::from_secs(12);
/// After this the document and the keys are fetched anew: a key that was withdrawn is believed no longer.
const FRESH_FOR: Duration = Duration::from_secs(3600);
/// How long what is known is good while the provider does not say it anew.
const KEPT_FOR: Duration = Duration::from_secs(24 * 3600);
/// After a failure it is left alone so long: many visitors are one question.
const PAUSE: Duration = Duration::from_secs(10);
/// A key that is not known has the keys fetched anew, no oftener than this: anybody can name one.
const KEYS_EVERY: Duration = Duration::from_secs(60);
/// Clocks differ by so much.
const SKEW: Duration = Duration::from_secs(60);
/// What is signed longer ago was not signed for this visit.
const SIGNED_WITHIN: Duration = Duration::from_secs(600);
/// Signatures by a key that the provider alone has. Never none, and never what the client's secret or a public key could
/// be used for.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Claims that the standard does not name.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
struct More {
    #[serde(flatten)]
    claims: Map<String, Value>,
}

impl AdditionalClaims for More {}

type Claims = IdTokenClaims<More, CoreGenderClaim>;
type Token = IdToken<More, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Fields = IdTokenFields<
    More,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Refusal = StandardErrorResponse<CoreErrorResponseType>;
/// Of a provider whose document is known.
type Speaker = Client<
    More,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    Refusal,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What the console is to a provider, and what it asks of it.
#[derive(Debug, Clone)]
pub struct OpenIdOptions {
    /// The provider's name, below which its document is.
    pub issuer: String,
    /// The console's name there.
    pub client_id: String,
    /// Where its secret is; a client without one proves itself by PKCE alone.
    pub client_secret: Option<String>,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// The claim that names groups.
    pub groups_claim: String,
    /// The claim that people are called by.
    pub name_claim: String,
    /// What is asked for as `acr_values`.
    pub classes: Vec<String>,
}

/// A provider of OpenID Connect.
pub struct OpenId {
    options: OpenIdOptions,
    issuer: IssuerUrl,
    secrets: Arc<dyn Secrets>,
    asker: Asker,
    known: Mutex<Memory>,
}

/// What is remembered of a provider.
#[derive(Default)]
struct Memory {
    known: Option<(Known, Moment)>,
    failed: Option<(ProviderTrouble, Moment)>,
    keys_asked: Option<Moment>,
}

#[derive(Clone)]
struct Known {
    document: Arc<CoreProviderMetadata>,
    keys: CoreJsonWebKeySet,
}

impl OpenId {
    /// The provider of these options. Nothing is asked yet.
    ///
    /// # Errors
    /// When the issuer is no address.
    pub fn new(options: OpenIdOptions, secrets: Arc<dyn Secrets>) -> Result<Self, url::ParseError> {
        let issuer = IssuerUrl::new(options.issuer.clone())?;
        let asker = Asker::of(issuer.url());
        Ok(Self { options, issuer, secrets, asker, known: Mutex::new(Memory::default()) })
    }

    /// Whether it can be used now: its document, its keys, and the client's secret. Gives how many keys it has.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn examine(&self, now: Moment) -> Result<usize, ProviderTrouble> {
        self.secret().await?;
        self.known(now).await.map(|known| known.keys.keys().len())
    }

    /// What is known of the provider, asked anew when that is old.
    async fn known(&self, now: Moment) -> Result<Known, ProviderTrouble> {
        let mut memory = self.known.lock().await;
        let age = |at: Moment| now.since(at);
        if let Some((known, _)) = memory.known.as_ref().filter(|(_, at)| age(*at) < FRESH_FOR) {
            return Ok(known.clone());
        }
        let kept = memory.known.as_ref().filter(|(_, at)| age(*at) < KEPT_FOR).map(|(known, _)| known.clone());
        if let Some((trouble, _)) = memory.failed.as_ref().filter(|(_, at)| age(*at) < PAUSE) {
            return kept.ok_or_else(|| trouble.clone());
        }
        match self.discover().await {
            Ok(known) => {
                *memory = Memory { known: Some((known.clone(), now)), failed: None, keys_asked: Some(now) };
                Ok(known)
            }
            Err(trouble) => {
                tracing::warn!(%trouble, "sign-in by OpenID Connect");
                memory.failed = Some((trouble.clone(), now));
                kept.ok_or(trouble)
            }
        }
    }

    async fn discover(&self) -> Result<Known, ProviderTrouble> {
        let asker = self.asker.clone();
        let ask = move |request| {
            let asker = asker.clone();
            async move { asker.ask(request).await }
        };
        let document = CoreProviderMetadata::discover_async(self.issuer.clone(), &ask).await.map_err(undiscovered)?;
        let places =
            [Some(document.authorization_endpoint().url()), document.token_endpoint().map(|place| place.url())];
        if places.into_iter().flatten().any(|place| !self.asker.may_use(place)) {
            return Err(down(HttpTrouble::InTheClear));
        }
        let keys = document.jwks().clone();
        Ok(Known { document: Arc::new(document), keys })
    }

    /// The keys, fetched anew because one was not known; `None` when they were fetched a moment ago.
    async fn newer_keys(&self, known: &Known, now: Moment) -> Result<Option<CoreJsonWebKeySet>, ProviderTrouble> {
        let mut memory = self.known.lock().await;
        if memory.keys_asked.is_some_and(|at| now.since(at) < KEYS_EVERY) {
            // Somebody else may have fetched them meanwhile.
            return Ok(memory.known.as_ref().map(|(known, _)| known.keys.clone()));
        }
        memory.keys_asked = Some(now);
        let asker = self.asker.clone();
        let ask = move |request| {
            let asker = asker.clone();
            async move { asker.ask(request).await }
        };
        let keys = CoreJsonWebKeySet::fetch_async(known.document.jwks_uri(), &ask).await.map_err(undiscovered)?;
        if let Some((known, _)) = &mut memory.known {
            known.keys = keys.clone();
        }
        Ok(Some(keys))
    }

    /// The client's secret, read anew each time: it may have been changed. A command that gives it may take its time.
    async fn secret(&self) -> Result<Option<Secret>, ProviderTrouble> {
        let Some(reference) = self.options.client_secret.clone() else { return Ok(None) };
        let secrets = self.secrets.clone();
        let read = tokio::task::spawn_blocking(move || secrets.resolve(&reference)).await;
        let read = read.unwrap_or_else(|_| Err("it could not be read".to_owned()));
        read.map(Some).map_err(|why| ProviderTrouble::Down(format!("cannot be asked without its client secret: {why}")))
    }

    fn speaker(&self, known: &Known, secret: Option<Secret>, back: &Url) -> Speaker {
        let secret = secret.map(|secret| ClientSecret::new(secret.expose().to_owned()));
        let client_id = ClientId::new(self.options.client_id.clone());
        let speaker = Speaker::from_provider_metadata((*known.document).clone(), client_id, secret);
        let methods = known.document.token_endpoint_auth_methods_supported();
        let takes = |method| methods.is_some_and(|methods| methods.contains(&method));
        // What a document does not say is `client_secret_basic`.
        let in_body = takes(CoreClientAuthMethod::ClientSecretPost) && !takes(CoreClientAuthMethod::ClientSecretBasic);
        let way = if in_body { AuthType::RequestBody } else { AuthType::BasicAuth };
        speaker.set_auth_type(way).set_redirect_uri(RedirectUrl::from_url(back.clone()))
    }

    async fn redeem(&self, code: &str, passage: &Passage, back: &Url, now: Moment) -> Result<Vouched, ProviderTrouble> {
        let known = self.known(now).await?;
        let speaker = self.speaker(&known, self.secret().await?, back);
        let asker = self.asker.clone();
        let ask = move |request| {
            let asker = asker.clone();
            async move { asker.ask(request).await }
        };
        let request = speaker.exchange_code(AuthorizationCode::new(code.to_owned()));
        let request = request.map_err(|_| ProviderTrouble::Down("names no token endpoint".into()))?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(passage.verifier.clone()));
        let answer = request.request_async(&ask).await.map_err(|error| unredeemed(&error))?;
        let token = answer.id_token().ok_or_else(|| refused("the sign-in provider sent no ID token"))?;
        let nonce = Nonce::new(passage.nonce.clone());
        let way = (&nonce, passage.anew);
        let claims = match self.believe(token, &known.keys, way, now) {
            Err(Doubt::UnknownKey) => match self.newer_keys(&known, now).await? {
                Some(keys) => self.believe(token, &keys, way, now),
                None => Err(Doubt::UnknownKey),
            },
            believed => believed,
        };
        let claims = claims.map_err(|doubt| match doubt {
            Doubt::Stale => ProviderTrouble::Stale,
            doubt => refused(doubt.words()),
        })?;
        let mut vouched = self.vouched(claims)?;
        let proven = claims.auth_time().map(|at| Moment::from_millis(at.timestamp_millis()).min(now));
        vouched.anew = proven.filter(|_| passage.anew.is_some());
        Ok(vouched)
    }

    /// What a token says, if it is the provider's, for this client and this way, and of now.
    fn believe<'t>(
        &self,
        token: &'t Token,
        keys: &CoreJsonWebKeySet,
        (nonce, anew): (&Nonce, Option<Moment>),
        now: Moment,
    ) -> Result<&'t Claims, Doubt> {
        let millis = u64::try_from(now.as_millis()).unwrap_or_default();
        let earlier = SystemTime::UNIX_EPOCH + Duration::from_millis(millis).saturating_sub(SKEW);
        let (seconds, skew) = (now.as_millis() / 1000, SKEW.as_secs() as i64);
        let oldest = seconds - SIGNED_WITHIN.as_secs() as i64 - skew;
        // Asked for with `max_age`, it must be there (OpenID Connect Core 3.1.2.1), and is looked at (3.1.3.7, 13).
        let proven = anew.map(|since| since.as_millis() / 1000 - skew..=seconds + skew);
        let client_id = ClientId::new(self.options.client_id.clone());
        // As a public client: no signature by a secret is taken, whatever the provider allows.
        let verifier = IdTokenVerifier::new_public_client(client_id, self.issuer.clone(), keys.clone())
            .set_allowed_algs(SIGNATURES)
            .set_time_fn(move || earlier.into())
            .set_auth_time_verifier_fn(move |at| match (&proven, at) {
                (None, _) => Ok(()),
                (Some(proven), Some(at)) if proven.contains(&at.timestamp()) => Ok(()),
                (Some(_), _) => Err("not signed in anew".to_owned()),
            })
            .set_issue_time_verifier_fn(move |at| {
                let at = at.timestamp();
                if (oldest..=seconds + skew).contains(&at) { Ok(()) } else { Err("not signed now".to_owned()) }
            });
        token.claims(&verifier, nonce).map_err(|error| Doubt::of(&error))
    }

    fn vouched(&self, claims: &Claims) -> Result<Vouched, ProviderTrouble> {
        let subject = claims.subject().as_str();
        if subject.is_empty() || subject.len() > SUBJECT_BYTES_MAX {
            return Err(refused("the sign-in provider names nobody (`sub`)"));
        }
        let email = claims.email().filter(|_| claims.email_verified() == Some(true));
        // Where there are too many the claim is left out, or named in `_claim_names`: it is said elsewhere then.
        let words = |value: &Value| match value {
            Value::String(word) => Some(BTreeSet::from([word.clone()])),
            Value::Array(all) => Some(all.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()),
            _ => None,
        };
        let more = &claims.additional_claims().claims;
        let name = match self.options.name_claim.as_str() {
            "preferred_username" => claims.preferred_username().map(|name| name.as_str().to_owned()),
            "email" => email.map(|email| email.as_str().to_owned()),
            "name" => claims.name().and_then(|names| names.get(None)).map(|name| name.as_str().to_owned()),
            "sub" => Some(subject.to_owned()),
            other => more.get(other).and_then(Value::as_str).map(str::to_owned),
        };
        let methods = claims.auth_method_refs().map(|all| all.iter().map(|m| m.as_str().to_owned()).collect());
        Ok(Vouched {
            identity: Identity { issuer: self.options.issuer.clone(), subject: subject.to_owned() },
            name,
            email: email.map(|email| email.as_str().to_owned()),
            groups: more.get(&self.options.groups_claim).and_then(words),
            methods: methods.unwrap_or_default(),
            class: claims.auth_context_ref().map(|class| class.as_str().to_owned()),
            anew: None,
        })
    }
}

#[async_trait::async_trait]
impl Provider for OpenId {
    async fn address(&self, passage: &Passage, back: &Url, now: Moment) -> Result<Url, ProviderTrouble> {
        let known = tokio::time::timeout(VISIT_WITHIN, self.known(now)).await.unwrap_or_else(|_| Err(late()))?;
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(passage.verifier.clone()));
        let (state, nonce) = (CsrfToken::new(passage.state.clone()), Nonce::new(passage.nonce.clone()));
        let scopes = self.options.scopes.iter().filter(|scope| *scope != "openid").cloned().map(Scope::new);
        let classes = self.options.classes.iter().cloned().map(AuthenticationContextClass::new);
        let speaker = self.speaker(&known, None, back);
        let request = speaker.authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce);
        let request = request.add_scopes(scopes).set_pkce_challenge(challenge);
        // The standard has them mean the same; not every provider knows both.
        let request = match passage.anew {
            Some(_) => request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO),
            None => request,
        };
        Ok(classes.fold(request, |request, class| request.add_auth_context_value(class)).url().0)
    }

    async fn vouch(&self, code: &str, passage: &Passage, back: &Url, now: Moment) -> Result<Vouched, ProviderTrouble> {
        let redeemed = tokio::time::timeout(VISIT_WITHIN, self.redeem(code, passage, back, now)).await;
        redeemed.unwrap_or_else(|_| Err(late()))
    }
}

/// Why a token is not believed.
enum Doubt {
    UnknownKey,
    Stale,
    Said(&'static str),
}

impl Doubt {
    fn of(error: &ClaimsVerificationError) -> Self {
        use ClaimsVerificationError as E;
        Doubt::Said(match error {
            E::SignatureVerification(SignatureVerificationError::NoMatchingKey) => return Doubt::UnknownKey,
            E::InvalidAuthTime(_) => return Doubt::Stale,
            E::SignatureVerification(_) => "the ID token is not signed as it must be",
            E::Expired(_) => "the ID token is too old, or a clock is wrong",
            E::InvalidAudience(_) => "the ID token is for another client",
            E::InvalidIssuer(_) => "the ID token is another provider's",
            E::InvalidNonce(_) => "the ID token was made for another sign-in",
            _ => "the ID token is none that can be used",
        })
    }

    fn words(&self) -> &'static str {
        match self {
            Doubt::UnknownKey => "the ID token is signed by a key that the provider does not have",
            Doubt::Stale => "the ID token does not say that they signed in anew",
            Doubt::Said(words) => words,
        }
    }
}

fn refused(why: &str) -> ProviderTrouble {
    ProviderTrouble::Refused(why.to_owned())
}

fn down(trouble: HttpTrouble) -> ProviderTrouble {
    ProviderTrouble::Down(trouble.to_string())
}

fn late() -> ProviderTrouble {
    ProviderTrouble::Down(format!("did not answer within {} s", VISIT_WITHIN.as_secs()))
}

/// What is said of a document that cannot be had. Its text is not repeated.
fn undiscovered(error: DiscoveryError<HttpTrouble>) -> ProviderTrouble {
    match error {
        DiscoveryError::Request(trouble) => down(trouble),
        DiscoveryError::Response(status, ..) => {
            ProviderTrouble::Down(format!("answered {status} when it was asked for its document or its keys"))
        }
        DiscoveryError::Validation(_) => ProviderTrouble::Down("calls itself otherwise than `issuer:` does".into()),
        _ => ProviderTrouble::Down("has no document or keys that can be read".into()),
    }
}

/// What is said of a code that was not taken. The answer is not repeated: tokens stand in it.
fn unredeemed(error: &RequestTokenError<HttpTrouble, Refusal>) -> ProviderTrouble {
    match error {
        RequestTokenError::Request(trouble) => down(*trouble),
        RequestTokenError::ServerResponse(refusal) => refused(match refusal.error() {
            CoreErrorResponseType::InvalidGrant => "the sign-in provider does not take this code (invalid_grant)",
            CoreErrorResponseType::InvalidClient | CoreErrorResponseType::UnauthorizedClient => {
                "the sign-in provider does not take this client or its secret (invalid_client)"
            }
            CoreErrorResponseType::InvalidScope => "the sign-in provider does not grant these scopes (invalid_scope)",
            _ => "the sign-in provider refused the code",
        }),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            ProviderTrouble::Down("answered with something that is no token".into())
        }
    }
}
