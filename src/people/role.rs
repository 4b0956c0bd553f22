//! Who may do what: six roles, and one table that nothing else repeats.

/// What a person is to the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Looks: an app's owner.
    Viewer,
    /// Works the queue of incidents.
    Operator,
    /// Writes journeys, and works the queue.
    Author,
    /// Works the queue, and decides that something is left as it is, which administrators may, too.
    Approver,
    /// Does everything, and alone says who may do what.
    Administrator,
    /// Looks at everything that was done, and does nothing.
    Auditor,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 6] =
        [Role::Viewer, Role::Operator, Role::Author, Role::Approver, Role::Administrator, Role::Auditor];

    /// As it is stored and written.
    pub fn word(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Operator => "operator",
            Role::Author => "author",
            Role::Approver => "approver",
            Role::Administrator => "administrator",
            Role::Auditor => "auditor",
        }
    }

    /// The role that `word` names.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// Whether this role may.
    pub fn may(self, may: May) -> bool {
        may.roles().contains(&self)
    }
}

/// What something on the console asks of who comes to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum May {
    /// See the watch, incidents and walks.
    SeeIncidents,
    /// See pictures, pages and network records.
    SeeEvidence,
    /// Acknowledge, assign, mute, claim a fix, set aside.
    ActOnIncidents,
    /// See the scripts of journeys, with the lines that their mistakes quote, as who writes them does.
    AuthorJourneys,
    /// Decide that an incident is left as it is.
    Approve,
    /// Say who may use the console, and as what.
    AdministerPeople,
    /// Read who did what when; at the machine `gengfu audit` does it, too.
    ReadAudit,
    /// Their own password, second factor, sessions and tokens.
    OwnAccount,
}

impl May {
    /// All of them.
    pub const ALL: [May; 8] = [
        May::SeeIncidents,
        May::SeeEvidence,
        May::ActOnIncidents,
        May::AuthorJourneys,
        May::Approve,
        May::AdministerPeople,
        May::ReadAudit,
        May::OwnAccount,
    ];

    /// The table: whom it is granted to. Who is not named is refused.
    pub fn roles(self) -> &'static [Role] {
        use Role::{Administrator, Approver, Author, Operator};
        match self {
            May::SeeIncidents | May::SeeEvidence | May::OwnAccount => &Role::ALL,
            May::ActOnIncidents => &[Operator, Author, Approver, Administrator],
            May::AuthorJourneys => &[Author, Administrator],
            May::Approve => &[Approver, Administrator],
            May::AdministerPeople => &[Administrator],
            May::ReadAudit => &[Administrator, Role::Auditor],
        }
    }

    /// Whether a token can carry it: never what makes people or tokens, and never a yes, which a person gives.
    pub fn is_scope(self) -> bool {
        !matches!(self, May::AdministerPeople | May::OwnAccount | May::Approve)
    }

    /// As it is stored and written.
    pub fn word(self) -> &'static str {
        match self {
            May::SeeIncidents => "see-incidents",
            May::SeeEvidence => "see-evidence",
            May::ActOnIncidents => "act-on-incidents",
            May::AuthorJourneys => "author-journeys",
            May::Approve => "approve",
            May::AdministerPeople => "administer-people",
            May::ReadAudit => "read-audit",
            May::OwnAccount => "own-account",
        }
    }

    /// The right that `word` names.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|may| may.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written out once more, so that a slip in the table is seen.
    #[test]
    fn the_table() {
        let check = |role: Role, expected: &str| {
            let may: Vec<&str> = May::ALL.into_iter().filter(|may| role.may(*may)).map(May::word).collect();
            assert_eq!(may.join(" "), expected, "{role:?}");
        };
        check(Role::Viewer, "see-incidents see-evidence own-account");
        check(Role::Operator, "see-incidents see-evidence act-on-incidents own-account");
        check(Role::Author, "see-incidents see-evidence act-on-incidents author-journeys own-account");
        check(Role::Approver, "see-incidents see-evidence act-on-incidents approve own-account");
        check(Role::Auditor, "see-incidents see-evidence read-audit own-account");
        let everything: Vec<&str> = May::ALL.into_iter().map(May::word).collect();
        check(Role::Administrator, &everything.join(" "));
    }

    #[test]
    fn words_are_read_back() {
        for role in Role::ALL {
            assert_eq!(Role::named(role.word()), Some(role));
        }
        for may in May::ALL {
            assert_eq!(May::named(may.word()), Some(may));
        }
        assert_eq!((Role::named("Administrator"), May::named("")), (None, None));
    }
}
