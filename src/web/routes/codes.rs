//! Ways in for customers.

use super::{Line, at, to};
use crate::access::Role;
use crate::access::Who::{self, Anybody, Member};
use crate::web::{codes, survey};

/// QR codes, personal links, printed codes.
pub(super) fn lines() -> Vec<Line> {
    const MANAGERS: Who = Member(&[Role::Manager]);
    vec![
        at("/c")
            .show(Anybody, to(survey::entry))
            .send(Anybody, to(survey::enter)),
        at("/evaluations/{evaluation}/qr").show(Anybody, to(codes::open_plates)),
        at("/evaluations/{evaluation}/codes")
            .show(MANAGERS, to(codes::page))
            .send(MANAGERS, to(codes::create)),
        at("/evaluations/{evaluation}/codes/plates").show(Member(&[Role::Manager, Role::Evaluator]), to(codes::plates)),
        at("/evaluations/{evaluation}/codes/links")
            .show(MANAGERS, to(codes::links))
            .send(MANAGERS, to(codes::create_links)),
        at("/evaluations/{evaluation}/codes/sheets")
            .show(MANAGERS, to(codes::sheets))
            .send(MANAGERS, to(codes::create_sheets)),
        at("/evaluations/{evaluation}/codes/batches/{batch}").show(MANAGERS, to(codes::batch)),
        at("/evaluations/{evaluation}/codes/batches/{batch}/links.csv")
            .show(MANAGERS, to(codes::batch))
            .send(MANAGERS, to(codes::download)),
        at("/evaluations/{evaluation}/codes/batches/{batch}/slips")
            .show(MANAGERS, to(codes::batch))
            .send(MANAGERS, to(codes::print)),
        at("/evaluations/{evaluation}/codes/batches/{batch}/revoke")
            .show(MANAGERS, to(codes::change_batch))
            .send(MANAGERS, to(codes::revoke_batch)),
        at("/evaluations/{evaluation}/codes/batches/{batch}/reissue")
            .show(MANAGERS, to(codes::change_batch))
            .send(MANAGERS, to(codes::reissue)),
        at("/evaluations/{evaluation}/codes/{link}/plate.svg")
            .show(Member(&[Role::Manager, Role::Evaluator]), to(codes::drawing)),
        at("/evaluations/{evaluation}/codes/{link}/revoke")
            .show(MANAGERS, to(codes::change))
            .send(MANAGERS, to(codes::revoke)),
        at("/evaluations/{evaluation}/codes/{link}/rotate")
            .show(MANAGERS, to(codes::change))
            .send(MANAGERS, to(codes::rotate)),
        at("/evaluations/{evaluation}/codes/{link}/dates")
            .show(MANAGERS, to(codes::change))
            .send(MANAGERS, to(codes::set_dates)),
    ]
}
