//! The texts of the audit log's page, in Chinese and English side by side. Templates see them as `u`.

use super::texts::texts;
use crate::audit::Action;
use serde::Serialize;

texts! {
    audit: "审计", "Audit log";
    who: "谁", "Who";
    done: "做了什么", "What was done";
    object: "对什么", "To what";
    from: "从", "From";
    to: "到", "To";
    who_hint: "名字、robot、system:名字", "a name, robot, system:NAME";
    object_hint: "/ 事件的网址、watch、file/…", "/ an incident’s address, watch, file/…";
    newest: "最新一条", "Newest entry";
    endless: "记录的末尾读不出来：可能被人改动过，新的记录也可能写不进去。哪里不对，由它说明：", "The end of the log cannot be read: somebody may have altered it, and what is done now may find no place in it. What is wrong, and where, is for this to say:";
    unverified: "这里照原样列出记录，没有核对。有没有被改动过，由检查点说明：", "Entries are listed as they stand and were not verified. Whether anybody altered them is for the checkpoints to say:";
    export: "导出", "Export";
    broken: "与自己的哈希不符", "does not fit its own hash";
    unreadable: "这一条读不出来", "This entry cannot be read";
    robot: "机器人", "robot";
    system: "系统", "system";
    only: "只看它", "only this";
    yes: "是", "yes";
    no: "否", "no";
    teach_title: "还没有记录。", "Nothing is recorded yet.";
    teach: "开始值守之后，谁在什么时候对什么做了什么，都记在这里：事件的每一步、配置的每一处改动、每一次登录、谁看了哪些证据。", "Once the watch begins, who did what to what and when stands here: every move of an incident, every change of the config, every sign-in, and who looked at which evidence.";
    none_title: "没有这样的记录。", "There is no such entry.";

    // What it was done to.
    of_incident: "事件", "incident";
    of_walk: "走查", "walk";
    of_evidence: "证据", "evidence";
    of_person: "人员", "person";
    of_file: "文件", "file";
    of_log: "审计记录", "the audit log";
    of_watch: "值守", "the watch";
    of_complaints: "投诉数", "complaint counts";
    of_maintenance: "维护窗口", "maintenance window";

    // What was done.
    log_begun: "记录开始", "log begun";
    watch_begun: "开始值守", "watch begun";
    watch_ended: "结束值守", "watch ended";
    incident_moved: "事件变动", "incident moved";
    config_changed: "文件改动", "file changed";
    evidence_seen: "查看", "looked at";
    evidence_seen_unrecorded: "查看（当时无法记录）", "looked at, unrecorded";
    checkpoint_failed: "检查点失败", "checkpoint failed";
    checkpoint_resumed: "检查点恢复", "checkpoints resumed";
    checkpoint_contradicted: "与检查点矛盾", "contradicts its checkpoint";
    person_invited: "邀请人员", "person invited";
    person_admitted: "启用账号", "account taken up";
    person_changed: "账号变更", "account changed";
    signed_in: "登录", "signed in";
    signed_out: "退出", "signed out";
    token_made: "生成令牌", "token made";
    token_ended: "结束令牌", "token ended";
    complaints_imported: "导入投诉数", "complaints imported";
    walk_asked: "要求走查", "walk asked for";
    maintenance_declared: "登记维护窗口", "maintenance planned";
    maintenance_ended: "结束维护窗口", "maintenance ended";

    // Names of facts.
    fact_what: "变动", "move";
    fact_why: "理由", "why";
    fact_to: "交给", "to";
    fact_from: "自", "from";
    fact_until: "直到", "until";
    fact_role: "角色", "role";
    fact_name: "名字", "name";
    fact_label: "用途", "label";
    fact_scopes: "权限", "rights";
    fact_ends: "有效至", "ends";
    fact_address: "地址", "address";
    fact_way: "方式", "way";
    fact_state: "状态", "state";
    fact_standing: "进展", "standing";
    fact_severity: "级别", "severity";
    fact_assignee: "处理人", "assignee";
    fact_journey: "旅程", "journey";
    fact_walk: "走查", "walk";
    fact_pieces: "证据件数", "pieces";
    fact_reason: "原因", "reason";
    fact_digest: "摘要", "digest";
    fact_version: "版本", "version";
    fact_count: "次数", "count";
    fact_since: "开始于", "since";
    fact_said: "说明", "said";
    fact_revision: "第几次变动", "revision";
    fact_new: "现为", "now";
    fact_old: "原为", "was";
    fact_config: "配置", "config";
    fact_files: "文件数", "files";
    fact_sandbox: "沙箱", "sandbox";
}

impl Texts {
    /// What an action is called.
    pub fn action_word(&self, action: Action) -> &'static str {
        match action {
            Action::LogBegun => self.log_begun,
            Action::WatchBegun => self.watch_begun,
            Action::WatchEnded => self.watch_ended,
            Action::IncidentMoved => self.incident_moved,
            Action::ConfigChanged => self.config_changed,
            Action::EvidenceSeen => self.evidence_seen,
            Action::EvidenceSeenUnrecorded => self.evidence_seen_unrecorded,
            Action::CheckpointFailed => self.checkpoint_failed,
            Action::CheckpointResumed => self.checkpoint_resumed,
            Action::CheckpointContradicted => self.checkpoint_contradicted,
            Action::PersonInvited => self.person_invited,
            Action::PersonAdmitted => self.person_admitted,
            Action::PersonChanged => self.person_changed,
            Action::SignedIn => self.signed_in,
            Action::SignedOut => self.signed_out,
            Action::TokenMade => self.token_made,
            Action::TokenEnded => self.token_ended,
            Action::ComplaintsImported => self.complaints_imported,
            Action::WalkAsked => self.walk_asked,
            Action::MaintenanceDeclared => self.maintenance_declared,
            Action::MaintenanceEnded => self.maintenance_ended,
        }
    }

    /// What a fact is called; one that has no name here keeps its own.
    pub fn fact_word<'a>(&self, name: &'a str) -> &'a str {
        match name {
            "what" => self.fact_what,
            "why" => self.fact_why,
            "to" => self.fact_to,
            "from" => self.fact_from,
            "until" => self.fact_until,
            "role" => self.fact_role,
            "name" => self.fact_name,
            "label" => self.fact_label,
            "scopes" => self.fact_scopes,
            "ends" => self.fact_ends,
            "address" => self.fact_address,
            "way" => self.fact_way,
            "state" => self.fact_state,
            "standing" => self.fact_standing,
            "severity" => self.fact_severity,
            "assignee" => self.fact_assignee,
            "journey" => self.fact_journey,
            "walk" => self.fact_walk,
            "pieces" => self.fact_pieces,
            "reason" => self.fact_reason,
            "digest" => self.fact_digest,
            "version" => self.fact_version,
            "count" => self.fact_count,
            "since" => self.fact_since,
            "said" => self.fact_said,
            "revision" => self.fact_revision,
            "new" => self.fact_new,
            "old" => self.fact_old,
            "config" => self.fact_config,
            "files" => self.fact_files,
            "sandbox" => self.fact_sandbox,
            other => other,
        }
    }

    /// What the kind of an object is called, by what its word begins with.
    pub fn object_word(&self, kind: &str) -> Option<&'static str> {
        Some(match kind {
            "incident" => self.of_incident,
            "walk" => self.of_walk,
            "evidence" => self.of_evidence,
            "person" => self.of_person,
            "file" => self.of_file,
            "log" => self.of_log,
            "watch" => self.of_watch,
            "complaints" => self.of_complaints,
            "maintenance" => self.of_maintenance,
            _ => return None,
        })
    }
}
