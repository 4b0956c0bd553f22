//! Who comes to a route: a person with a session, a program with a token, or whoever sits at this machine.

use super::refusal;
use crate::actor::Actor;
use crate::id::{PersonId, SessionId};
use crate::people::{May, PassHash, Proof, Role};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use std::collections::BTreeSet;

/// Who asks. Every handler behind the gate can take one.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    /// Their name, for what is written down.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// Which person, where sign-in is asked for.
    pub person: Option<PersonId>,
    /// How they came in.
    pub came: Came,
    /// What their forms carry, so that no other page can write in their name.
    pub csrf: String,
}

/// How a visitor came in.
#[derive(Debug, Clone)]
pub(super) enum Came {
    /// No sign-in is asked for: they sit at this machine.
    Local,
    /// With the cookie of a session.
    Session {
        /// Its name.
        id: SessionId,
        /// What opens it, hashed.
        hash: PassHash,
        /// How they began it.
        proof: Proof,
    },
    /// With a token.
    Token {
        /// What it carries.
        scopes: BTreeSet<May>,
    },
}

impl Visitor {
    /// The name of whoever sits at this machine when no sign-in is asked for.
    pub const LOCAL: &'static str = "local";

    /// Whether they may.
    pub fn may(&self, may: May) -> bool {
        let carried = match &self.came {
            Came::Token { scopes } => scopes.contains(&may),
            Came::Local | Came::Session { .. } => true,
        };
        carried && self.role.may(may)
    }

    /// As the audit log and the queue name them. Names of people are names of actors; what is not is told as nobody.
    pub fn actor(&self) -> Actor {
        Actor::person(&self.name).unwrap_or_else(|_| Actor::person("?").expect("invariant: a constant name"))
    }

    /// Whether they are a program: it has no forms and needs no stamp.
    pub fn is_program(&self) -> bool {
        matches!(self.came, Came::Token { .. })
    }

    /// How they have proven who they are; whoever has no session has proven nothing here.
    pub fn proof(&self) -> Proof {
        match &self.came {
            Came::Session { proof, .. } => *proof,
            Came::Local | Came::Token { .. } => Proof::default(),
        }
    }

    /// The session they came with.
    pub fn session(&self) -> Option<(SessionId, &PassHash)> {
        match &self.came {
            Came::Session { id, hash, .. } => Some((*id, hash)),
            Came::Local | Came::Token { .. } => None,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        // Only an open route has none; a handler there takes a `Viewer`.
        parts.extensions.get::<Visitor>().cloned().ok_or_else(refusal::plain_defect)
    }
}
