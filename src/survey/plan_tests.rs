//! Plans: what a form becomes, what is refused, and how answers are spread.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;

use super::evaluation::Mode;
use super::form::{FieldError, Problem, RawForm};
use super::id::OutletId;
use super::language::Text;
use super::outlet_draw;
use super::plan::{Hundredths, Plan, PlannedOutlet, Remark, parse};

fn outlets(customers: &[Option<u64>]) -> Vec<PlannedOutlet> {
    let outlet = |(place, customers): (usize, &Option<u64>)| PlannedOutlet {
        id: OutletId::from_random([place as u8; 16]),
        name: Text::new(format!("网点{place}"), format!("Outlet {place}")),
        customers: *customers,
        is_visited: true,
        sd: None,
        cost: None,
        target_face: 0,
        target_electronic: 0,
    };
    customers.iter().enumerate().map(outlet).collect()
}

fn form(changes: &[(&str, &str)]) -> RawForm {
    let usual = [
        ("sd", "15"),
        ("design_effect", "1.3"),
        ("confidence", "95"),
        ("half_width_face", "5"),
        ("half_width_all", "3"),
        ("response_face", "50"),
        ("response_electronic", "10"),
        ("rule", "proportional"),
        ("occasion", "first"),
        ("power", "80"),
        ("population", "天河、越秀两地的安装和维修顾客"),
        ("window_months", "12"),
        ("ways", "qr"),
        ("ways", "email"),
        ("first_day", "2026-11-02"),
        ("last_day", "2026-11-20"),
        ("extension_days", "7"),
        ("per_day", "12"),
        ("back_check_percent", "20"),
        ("back_check_least", "4"),
    ];
    let kept = usual
        .iter()
        .filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    let pairs = kept
        .chain(changes)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    RawForm::new(pairs.collect())
}

fn planned(changes: &[(&str, &str)], customers: &[Option<u64>]) -> Result<Plan, Vec<FieldError>> {
    parse(&form(changes), Mode::Initial, &outlets(customers))
}

fn refused(changes: &[(&str, &str)], customers: &[Option<u64>]) -> Vec<(String, Problem)> {
    let errors = planned(changes, customers).unwrap_err();
    errors.into_iter().map(|error| (error.field, error.problem)).collect()
}

#[test]
fn the_usual_aims_are_those_of_the_sampling_rules() {
    let many = [Some(4_000_000), Some(6_000_000)];
    let plan = planned(&[], &many).unwrap();
    let sizes = plan.sizes();
    assert_eq!((sizes.face_for_half_width, sizes.all_for_half_width), (45, 125));
    assert_eq!((sizes.face, sizes.electronic), (60, 90));
    let targets: Vec<_> = plan
        .outlets()
        .iter()
        .map(|o| (o.target_face, o.target_electronic))
        .collect();
    assert_eq!(targets, [(24, 36), (36, 54)]);
    assert_eq!((sizes.visits, sizes.visits_at_random), (2, 1));
    assert_eq!((plan.approaches(60), plan.invitations(90)), (120, 900));
    assert!(plan.remarks().is_empty(), "{:?}", plan.remarks());
    let usual = Plan::usual(Mode::Initial, outlets(&many)).unwrap();
    assert_eq!((usual.aims(), usual.sizes()), (plan.aims(), plan.sizes()));
    let usual = usual.allocated().unwrap();
    assert_eq!(usual.targets(), plan.targets());
    assert_eq!(usual.remarks(), [Remark::Undescribed, Remark::NoPeriod]);
    assert_eq!(plan.evaluator_days(60), Some(5));
    let latest = plan.scope().unwrap().latest_day().unwrap();
    assert_eq!(latest.to_string(), "2026-11-27");
    let extents = [&usual, &plan].map(|plan| plan.scope().unwrap().back_checks);
    assert_eq!(extents.map(|extent| (extent.percent, extent.least)), [(10, 3), (20, 4)]);
}

#[test]
fn a_stored_plan_reads_back_as_it_was() {
    let changes = [
        ("rule", "cost-optimal"),
        ("sds", "网点0,12.5\nOutlet 1\t8"),
        ("costs", "网点0，100\n网点1,0.5"),
        ("bound", "90"),
        ("expected", "92"),
    ];
    let plan = planned(&changes, &[Some(900), Some(700)]).unwrap();
    let body = plan.body().unwrap();
    assert_eq!(Plan::read(&body).unwrap(), plan);
    assert_eq!(Plan::hash(&body).len(), 64);
    let other = planned(&changes[..4], &[Some(900), Some(700)]);
    assert!(other.is_err(), "a bound without an expectation");
    assert!(Plan::read(&body.replace("\"version\":1", "\"version\":2")).is_err());
    assert!(Plan::read("{}").is_err());
    let earlier = body.replace(",\"back_checks\":{\"percent\":20,\"least\":4}", "");
    let extent = Plan::read(&earlier).unwrap().scope().unwrap().back_checks;
    assert!(
        earlier != body && extent.of(100) == 10,
        "plans from before this was asked"
    );
    assert_eq!(Hundredths(1_250).to_string() + &Hundredths(105).to_string(), "12.51.05");
}

#[test]
fn contradictions_are_refused_at_their_field() {
    let two = [Some(500), Some(300)];
    let at = |field: &str, problem| vec![(field.to_owned(), problem)];
    for (changes, wrong) in [
        (vec![("half_width_all", "6")], at("half_width_all", Problem::Conflict)),
        (vec![("occasion", "surveillance")], at("occasion", Problem::Conflict)),
        (
            vec![("bound", "90"), ("expected", "90")],
            at("expected", Problem::Conflict),
        ),
        (vec![("expected", "90")], at("bound", Problem::Empty)),
        (
            vec![("bound", "90"), ("expected", "92"), ("power", "")],
            at("power", Problem::Empty),
        ),
        (vec![("sd", "")], at("sd", Problem::Empty)),
        (vec![("sd", "一五")], at("sd", Problem::NotADecimal)),
        (vec![("design_effect", "0.9")], at("design_effect", Problem::OutOfRange)),
        (vec![("confidence", "100")], at("confidence", Problem::OutOfRange)),
        (vec![("rule", "cost-optimal")], at("costs", Problem::Empty)),
        (vec![("costs", "网点9,5")], at("costs", Problem::NoSuchOutlet)),
        (vec![("sds", "网点0,5\n网点0,6")], at("sds", Problem::Taken)),
        (vec![("sds", "网点0,60")], at("sds", Problem::OutOfRange)),
        (vec![("visited", "x")], at("visited", Problem::NoSuchOutlet)),
        (vec![("ways", "")], at("ways", Problem::NotAChoice)),
        (vec![("last_day", "2026-11-01")], at("last_day", Problem::TooEarly)),
        (vec![("last_day", "")], at("last_day", Problem::Empty)),
        (vec![("per_day", "26")], at("per_day", Problem::OutOfRange)),
        (
            vec![("back_check_percent", "9")],
            at("back_check_percent", Problem::OutOfRange),
        ),
        (vec![("exclusions", "poor")], at("exclusions", Problem::NotAChoice)),
    ] {
        assert_eq!(refused(&changes, &two), wrong, "{changes:?}");
    }
    for rule in ["proportional", "neyman", "cost-optimal"] {
        let wrong = refused(&[("rule", rule), ("costs", "网点0,1\n网点1,1")], &[Some(500), None]);
        assert_eq!(wrong, at("rule", Problem::CustomersUnknown));
    }
    let endless = [("sd", "50"), ("bound", "90"), ("expected", "90.01")];
    assert_eq!(refused(&endless, &[None, None]), at("bound", Problem::OutOfRange));
    let plan = planned(&[("rule", "equal")], &[Some(500), None]).unwrap();
    assert_eq!(plan.remarks(), [Remark::CustomersUnknown(1)]);
    let late = parse(&form(&[("occasion", "first")]), Mode::Surveillance, &outlets(&two));
    assert_eq!(late.unwrap_err(), [FieldError::new("occasion", Problem::Conflict)]);
}

#[test]
fn interviews_go_to_visited_outlets_and_remarks_say_what_is_missing() {
    let sixteen = [Some(1_000); 16];
    let all = outlets(&sixteen);
    let (a, b) = (all[0].id.to_string(), all[7].id.to_string());
    let plan = planned(&[("visited", &a), ("visited", &b)], &sixteen).unwrap();
    let face: Vec<u64> = plan.outlets().iter().map(|outlet| outlet.target_face).collect();
    assert_eq!((face[0], face[7], face.iter().sum::<u64>()), (30, 30, 60));
    let few = Remark::FewVisits { visited: 2, needed: 4 };
    assert_eq!(plan.remarks(), [few, Remark::NotDrawn]);
    // A new outlet is not visited, one that is gone takes its part along.
    let moved = plan.onto(outlets(&[Some(1_000); 17])).unwrap();
    assert_eq!(moved.outlets().iter().filter(|outlet| outlet.is_visited).count(), 2);
    assert_eq!(moved.targets(), (0, 0), "targets are those of the outlets");
    let (floor_face, floor_all) = (Remark::FaceBelowFloor(0), Remark::AllBelowFloor(0));
    assert!(moved.remarks().contains(&floor_face) && moved.remarks().contains(&floor_all));
    // So few customers that everybody is asked.
    let few = planned(&[], &[Some(25), Some(15)]).unwrap();
    assert_eq!(
        (few.sizes().population, few.targets().0 + few.targets().1),
        (Some(40), 40)
    );
    assert!(few.remarks().contains(&Remark::AskEverybody(40)));
    assert_eq!(few.half_width(40), Some(0.0));
}

#[test]
fn a_draw_is_what_its_frame_and_seed_give_and_outdated_once_outlets_change() {
    let all = outlets(&[Some(1_000); 16]);
    let ids: Vec<OutletId> = all.iter().map(|outlet| outlet.id).collect();
    let asked = |random: &str| {
        let pairs = [
            ("by_risk", ids[3].to_string()),
            ("reason", "两起投诉".to_owned()),
            ("at_random", random.to_owned()),
            ("seed", "体彩 26311".to_owned()),
        ];
        RawForm::new(pairs.map(|(name, value)| (name.to_owned(), value)).into())
    };
    assert!(outlet_draw::parse(&asked("0"), &ids, 1, "x").is_err(), "some are drawn");
    assert!(
        outlet_draw::parse(&asked("16"), &ids, 1, "x").is_err(),
        "more than there are"
    );
    let (draw, frame) = outlet_draw::parse(&asked("3"), &ids, 1, "x").unwrap();
    assert!(!frame.contains(&ids[3].to_string()) && frame.lines().count() == 16);
    let drawn = draw.drawn(&frame).unwrap();
    assert_eq!((drawn.visited.len(), drawn.reserves.len()), (3, 10));
    assert_eq!(drawn, draw.drawn(&frame).unwrap());
    let plan = planned(&[], &[Some(1_000); 16]).unwrap();
    let plan = plan.visiting(draw.clone(), &drawn.visited).allocated().unwrap();
    assert_eq!(plan.outlets().iter().filter(|outlet| outlet.is_visited).count(), 4);
    assert!(plan.remarks().is_empty(), "{:?}", plan.remarks());
    assert_eq!(Plan::read(&plan.body().unwrap()).unwrap(), plan);
    // A form that ticks others, and an outlet more, are no longer what was drawn.
    let others = planned(&[("visited", &ids[0].to_string())], &[Some(1_000); 16]).unwrap();
    assert!(others.drawn_as(&plan).remarks().contains(&Remark::NotDrawn));
    let more = plan.onto(outlets(&[Some(1_000); 17])).unwrap();
    assert!(!draw.is_of(&more) && more.remarks().contains(&Remark::NotDrawn));
}

proptest! {
    #[test]
    fn nobody_is_asked_twice_and_every_outlet_gets_what_it_can(
        customers in prop::collection::vec(0_u64..3_000, 1..40),
        rule in prop::sample::select(vec!["proportional", "neyman", "equal"]),
        sd in 1_u32..40,
    ) {
        let known: Vec<Option<u64>> = customers.iter().map(|n| Some(*n)).collect();
        let plan = planned(&[("rule", rule), ("sd", &sd.to_string())], &known).unwrap();
        for outlet in plan.outlets() {
            let customers = outlet.customers.unwrap();
            prop_assert!(outlet.target_face + outlet.target_electronic <= customers);
            prop_assert!(outlet.target_face >= customers.min(5) || plan.sizes().face == 0);
        }
        let (face, _) = plan.targets();
        prop_assert!(face >= plan.sizes().face);
        prop_assert_eq!(Plan::read(&plan.body().unwrap()).unwrap(), plan);
    }
}
