//! Who worked on an evaluation until it was sealed.

use std::collections::BTreeSet;

use super::Happened;
use crate::access::Role;
use crate::store::conn::Conn;
use crate::store::{StoreError, membership, person};
use crate::survey::dossier::Member;
use crate::survey::id::{EvaluationId, PersonId};

/// The team at `until_ms`: what changed later is undone. Those who only read are no part of it.
pub(super) fn read(
    conn: &mut Conn,
    id: EvaluationId,
    events: &[Happened],
    until_ms: i64,
) -> Result<Vec<Member>, StoreError> {
    let members = membership::list(conn, id)?.into_iter();
    let mut held: BTreeSet<(Role, PersonId)> = members.map(|member| (member.role, member.person)).collect();
    let later = events
        .iter()
        .rev()
        .filter(|event| event.at_ms > until_ms && event.action.starts_with("member."));
    for event in later {
        let data: serde_json::Value = serde_json::from_str(&event.data).unwrap_or_default();
        let role = data
            .get("role")
            .and_then(serde_json::Value::as_str)
            .and_then(Role::parse);
        if let (Some(role), Ok(who)) = (role, event.object.parse()) {
            match event.action == "member.added" {
                true => held.remove(&(role, who)),
                false => held.insert((role, who)),
            };
        }
    }
    held.retain(|(role, _)| !matches!(role, Role::Auditor | Role::Organisation));
    let known = person::registered(conn, &held.iter().map(|(_, who)| *who).collect())?;
    let mut team: Vec<(Role, &(String, String))> = held
        .iter()
        .filter_map(|(role, who)| known.get(who).map(|person| (*role, person)))
        .collect();
    team.sort();
    let member = |(role, (name, registration_no)): (Role, &(String, String))| Member {
        name: name.clone(),
        registration_no: registration_no.clone(),
        role: role.as_str().to_owned(),
    };
    Ok(team.into_iter().map(member).collect())
}
