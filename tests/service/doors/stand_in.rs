//! A stand-in for a sign-in provider: real HTTP on loopback, keys of its own, and the rules of the authorisation code flow.
//! It says what a story tells it to say, which may be anything but the truth.

use super::super::console::world::NOW;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use gengfu::moment::{Clock as _, HandClock, Moment};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use rsa::pkcs8::EncodePrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
use url::Url;

pub const CLIENT: &str = "gengfu";
pub const CLIENT_SECRET: &str = "c4nary-client-secret-0123456789";

/// Making one takes a while.
static RSA: LazyLock<rsa::RsaPrivateKey> =
    LazyLock::new(|| rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap());

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    Rsa,
    Ec,
    /// `alg: none`, and nothing behind the last dot.
    Nothing,
    /// `alg: HS256`, with what everybody knows of the RSA key.
    PublicKey,
    /// `alg: HS256`, with the client's secret.
    ClientSecret,
    /// By a key that the provider does not have, under the name of one that it has.
    Stranger,
}

/// How an endpoint answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Good,
    Broken,
    Page,
    Endless,
    Elsewhere,
    Silent,
}

pub struct Rules {
    pub sign: Sign,
    /// The names of the keys that are shown and used.
    pub kid: String,
    /// What is said besides, or instead: of the claims, and of the document.
    pub claims: Value,
    pub document: Value,
    pub discovery: Manner,
    pub token: Manner,
}

struct Inner {
    url: Url,
    clock: Arc<HandClock>,
    ec: EcdsaKeyPair,
    rules: Mutex<Rules>,
    /// Codes that were given out: the way that each is of.
    codes: Mutex<HashMap<String, HashMap<String, String>>>,
    asked: Mutex<Vec<String>>,
    /// Everything secret that was given out or brought.
    pub secrets: Mutex<Vec<String>>,
}

#[derive(Clone)]
pub struct StandIn(Arc<Inner>);

impl StandIn {
    pub async fn open(clock: Arc<HandClock>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url: Url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let rng = SystemRandom::new();
        let ec = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap();
        let ec = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, ec.as_ref(), &rng).unwrap();
        let rules = Rules {
            sign: Sign::Rsa,
            kid: "first".into(),
            claims: json!({}),
            document: json!({}),
            discovery: Manner::Good,
            token: Manner::Good,
        };
        let stand_in = Self(Arc::new(Inner {
            url,
            clock,
            ec,
            rules: Mutex::new(rules),
            codes: Mutex::default(),
            asked: Mutex::default(),
            secrets: Mutex::new(vec![CLIENT_SECRET.into()]),
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(document))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/elsewhere", get(elsewhere).post(elsewhere))
            .with_state(stand_in.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        stand_in
    }

    pub fn issuer(&self) -> String {
        self.0.url.as_str().trim_end_matches('/').to_owned()
    }

    pub fn set(&self, change: impl FnOnce(&mut Rules)) {
        change(&mut self.0.rules.lock().unwrap());
    }

    /// Somebody signs in at the address that the console led to, and is given a code.
    pub fn grant(&self, address: &Url) -> String {
        let way: HashMap<String, String> = address.query_pairs().into_owned().collect();
        let code = format!("c4nary-code-{}", URL_SAFE_NO_PAD.encode(Sha256::digest(way["state"].as_bytes())));
        self.0.secrets.lock().unwrap().push(code.clone());
        self.0.codes.lock().unwrap().insert(code.clone(), way);
        code
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        self.0.asked.lock().unwrap().iter().filter(|asked| *asked == path).count()
    }

    pub fn secrets(&self) -> Vec<String> {
        self.0.secrets.lock().unwrap().clone()
    }

    fn note(&self, path: &str) {
        self.0.asked.lock().unwrap().push(path.into());
    }

    fn token(&self, way: &HashMap<String, String>) -> String {
        let rules = self.0.rules.lock().unwrap();
        let now = self.0.clock.now().as_millis() / 1000;
        let mut claims = json!({
            "iss": self.issuer(), "aud": CLIENT, "sub": "u-1001", "nonce": way["nonce"], "iat": now, "exp": now + 300,
            "preferred_username": "wang.fang", "email": "wang.fang@bank.example", "email_verified": true,
            "groups": ["ops"], "amr": ["pwd"],
        });
        // As the standard has it: said when it was asked for.
        if way.contains_key("max_age") {
            claims["auth_time"] = json!(now);
        }
        merge(&mut claims, &rules.claims);
        let alg = match rules.sign {
            Sign::Rsa | Sign::Stranger => "RS256",
            Sign::Ec => "ES256",
            Sign::Nothing => "none",
            Sign::PublicKey | Sign::ClientSecret => "HS256",
        };
        let name = if rules.sign == Sign::Ec { format!("{}-ec", rules.kid) } else { rules.kid.clone() };
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({"alg": alg, "typ": "JWT", "kid": name})), part(&claims));
        let rng = SystemRandom::new();
        let by_hmac = |key: &[u8]| {
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
            ring::hmac::sign(&key, signed.as_bytes()).as_ref().to_vec()
        };
        let by_rsa = |key: &rsa::RsaPrivateKey| {
            let pair = RsaKeyPair::from_pkcs8(key.to_pkcs8_der().unwrap().as_bytes()).unwrap();
            let mut signature = vec![0; pair.public().modulus_len()];
            pair.sign(&RSA_PKCS1_SHA256, &rng, signed.as_bytes(), &mut signature).unwrap();
            signature
        };
        let signature = match rules.sign {
            Sign::Rsa => by_rsa(&RSA),
            Sign::Stranger => by_rsa(&rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap()),
            Sign::Ec => self.0.ec.sign(&rng, signed.as_bytes()).unwrap().as_ref().to_vec(),
            Sign::Nothing => Vec::new(),
            Sign::PublicKey => by_hmac(&RSA.n().to_bytes_be()),
            Sign::ClientSecret => by_hmac(CLIENT_SECRET.as_bytes()),
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Puts what `over` says into `value`; what it says is null is taken out.
fn merge(value: &mut Value, over: &Value) {
    for (name, said) in over.as_object().unwrap() {
        if said.is_null() {
            value.as_object_mut().unwrap().remove(name);
        } else {
            value[name] = said.clone();
        }
    }
}

/// The answer in this manner; nothing where it is a good one.
async fn manner(manner: Manner) -> Option<Response> {
    Some(match manner {
        Manner::Good => return None,
        Manner::Broken => (StatusCode::INTERNAL_SERVER_ERROR, "c4nary-broken").into_response(),
        Manner::Page => ([(header::CONTENT_TYPE, "text/html")], "<title>c4nary-page</title>").into_response(),
        Manner::Elsewhere => Redirect::temporary("/elsewhere").into_response(),
        Manner::Endless => {
            let chunks = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 65_536])));
            ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(chunks)).into_response()
        }
        Manner::Silent => std::future::pending().await,
    })
}

async fn document(State(stand_in): State<StandIn>) -> Response {
    stand_in.note("document");
    let (how, over) = {
        let rules = stand_in.0.rules.lock().unwrap();
        (rules.discovery, rules.document.clone())
    };
    if let Some(response) = manner(how).await {
        return response;
    }
    let at = |path: &str| format!("{}{path}", stand_in.issuer());
    let mut document = json!({
        "issuer": stand_in.issuer(), "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
    });
    merge(&mut document, &over);
    axum::Json(document).into_response()
}

async fn keys(State(stand_in): State<StandIn>) -> Response {
    stand_in.note("keys");
    let kid = stand_in.0.rules.lock().unwrap().kid.clone();
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let point = stand_in.0.ec.public_key().as_ref();
    axum::Json(json!({"keys": [
        {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": text(&RSA.n().to_bytes_be()), "e": text(&RSA.e().to_bytes_be())},
        {"kty": "EC", "use": "sig", "crv": "P-256", "kid": format!("{kid}-ec"), "x": text(&point[1..33]), "y": text(&point[33..])},
        {"kty": "unheard-of", "kid": "x"},
    ]}))
    .into_response()
}

async fn elsewhere(State(stand_in): State<StandIn>) -> &'static str {
    stand_in.note("elsewhere");
    "{}"
}

async fn token(
    State(stand_in): State<StandIn>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    stand_in.note("token");
    let how = stand_in.0.rules.lock().unwrap().token;
    if let Some(response) = manner(how).await {
        return response;
    }
    stand_in.0.secrets.lock().unwrap().push(form["code_verifier"].clone());
    let refused = |error: &str| (StatusCode::BAD_REQUEST, axum::Json(json!({ "error": error }))).into_response();
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{CLIENT_SECRET}")));
    if headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()) != Some(basic.as_str()) {
        return refused("invalid_client");
    }
    // Once.
    let Some(way) = stand_in.0.codes.lock().unwrap().remove(&form["code"]) else { return refused("invalid_grant") };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    if way["code_challenge"] != challenge || way["redirect_uri"] != form["redirect_uri"] {
        return refused("invalid_grant");
    }
    let (id, access) = (stand_in.token(&way), format!("c4nary-access-{}", &challenge[..20]));
    stand_in.0.secrets.lock().unwrap().extend([id.clone(), access.clone()]);
    axum::Json(json!({"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": id}))
        .into_response()
}

/// The clock of a story, in seconds.
pub fn now() -> i64 {
    Moment::from_millis(NOW).as_millis() / 1000
}
