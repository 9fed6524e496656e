//! Sealing, release, checkpoints, the evidence pack by grant, the public record.

use super::{Line, at, to};
use crate::access::Role;
use crate::access::Who::{Anybody, FreshMember, Member};
use crate::web::{pack, seal};

/// Two people seal; the record is for everybody.
pub(super) fn lines() -> Vec<Line> {
    const READERS: &[Role] = &[Role::Manager, Role::Reviewer, Role::Signatory, Role::Auditor];
    vec![
        at("/evaluations/{evaluation}/seal")
            .show(Member(READERS), to(seal::page))
            .send(FreshMember(&[Role::Reviewer]), to(seal::confirm)),
        at("/evaluations/{evaluation}/seal/proposal").send(FreshMember(&[Role::Manager]), to(seal::propose)),
        at("/evaluations/{evaluation}/release").send(FreshMember(&[Role::Reviewer]), to(seal::release)),
        at("/evaluations/{evaluation}/checkpoints.txt").show(Member(READERS), to(seal::checkpoints)),
        at("/evaluations/{evaluation}/pack")
            .show(Member(READERS), to(pack::page))
            .send(FreshMember(&[Role::Reviewer]), to(pack::grant)),
        at("/evaluations/{evaluation}/pack/end").send(Member(&[Role::Reviewer]), to(pack::end)),
        at("/evaluations/{evaluation}/pack.zip").send(Member(&[Role::Auditor]), to(pack::take)),
        at("/record/{evaluation}")
            .show(Anybody, to(seal::record))
            .send(Anybody, to(seal::find)),
        at("/record/{evaluation}/commitments.txt").show(Anybody, to(seal::commitments)),
    ]
}
