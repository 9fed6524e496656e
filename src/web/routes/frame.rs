//! The list of customers and the draw from it.

use super::{DESK, Line, MANAGER, at, to};
use crate::access::Who::{self, FreshMember, Member};
use crate::web::frame::{self, draw, import, record};

/// From a file to those drawn.
pub(super) fn lines() -> Vec<Line> {
    const DESKS: Who = Member(DESK);
    const PLANS: Who = Member(MANAGER);
    const OPENS: Who = FreshMember(MANAGER);
    vec![
        at("/evaluations/{evaluation}/sample").show(DESKS, to(frame::page)),
        // Who has not lately proved themselves is asked before the page, not between the file and its answer.
        at("/evaluations/{evaluation}/sample/upload")
            .show(OPENS, to(import::upload_page))
            .send(PLANS, to(import::upload)),
        at("/evaluations/{evaluation}/sample/columns")
            .show(OPENS, to(import::columns_page))
            .send(OPENS, to(import::columns)),
        at("/evaluations/{evaluation}/sample/import").send(OPENS, to(import::import)),
        at("/evaluations/{evaluation}/sample/errors.csv").show(PLANS, to(import::errors)),
        at("/evaluations/{evaluation}/sample/record")
            .show(PLANS, to(record::page))
            .send(PLANS, to(record::put)),
        at("/evaluations/{evaluation}/sample/draw")
            .show(PLANS, to(draw::page))
            .send(OPENS, to(draw::prepare)),
        at("/evaluations/{evaluation}/sample/draw/run").send(OPENS, to(draw::carry_out)),
        at("/evaluations/{evaluation}/sample/reserves")
            .show(PLANS, to(draw::reserves_page))
            .send(OPENS, to(draw::release)),
        at("/evaluations/{evaluation}/sample/frame.csv").show(DESKS, to(draw::frame_file)),
        at("/evaluations/{evaluation}/sample/plan.json").show(DESKS, to(draw::plan_file)),
        at("/evaluations/{evaluation}/sample/drawn.csv").show(DESKS, to(draw::drawn_file)),
        at("/evaluations/{evaluation}/sample/erase")
            .show(OPENS, to(frame::erase_page))
            .send(OPENS, to(frame::erase)),
    ]
}
