use proptest::prelude::*;

use super::*;
use crate::statistics::score::Reply;

fn questionnaire() -> Questionnaire {
    Questionnaire::from_json(include_bytes!(
        "../../questionnaires/cqm-after-sales-perception-1.1.0.json"
    ))
    .unwrap()
}

const NOTHING: FormChoices<'_> = FormChoices {
    products: &[],
    months: &[],
};

fn ticket() -> Ticket {
    Ticket {
        evaluation: EvaluationId::from_random([1; 16]),
        outlet: OutletId::from_random([2; 16]),
        evaluator: PersonId::from_random([3; 16]),
        client_id: [4; 16],
        started_at_ms: 1_790_000_000_123,
    }
}

const FINE: [(&str, &str); 14] = [
    ("contact_no", "７"),
    ("consent", "yes"),
    ("age18", "yes"),
    ("service_12m", "yes"),
    ("conflict", "no"),
    ("services", "consult"),
    ("F01", "4"),
    ("place", "outside"),
    ("id_card_shown", "yes"),
    ("show_card_used", "yes"),
    ("staff_within_earshot", "no"),
    ("others_present", "yes"),
    ("selection_rule", " 每第 3 位 "),
    ("evaluator_declaration", "yes"),
];

fn with(changes: &[(&str, &str)]) -> RawForm {
    let kept = FINE.iter().filter(|(name, _)| !changes.iter().any(|(n, _)| n == name));
    RawForm::new(
        kept.chain(changes)
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect(),
    )
}

fn parse(changes: &[(&str, &str)]) -> Result<Taken, Vec<FieldError>> {
    Taken::parse(&questionnaire(), NOTHING, &with(changes))
}

#[test]
fn what_was_sealed_is_what_opens_and_a_customers_form_is_none() {
    let sealed = ticket().seal(b"key");
    assert_eq!(Ticket::open(b"key", &sealed), Some(ticket()));
    assert_eq!(Ticket::open(b"another", &sealed), None);
    let customer = super::super::ticket::Ticket {
        evaluation: ticket().evaluation,
        link: super::super::id::LinkId::from_random([2; 16]),
        form_id: [4; 16],
        issued_at_s: 1,
        language: super::super::language::Language::En,
        services: ServiceSet(1),
    };
    assert_eq!(Ticket::open(b"key", &customer.seal(b"key")), None);
    assert_eq!(super::super::ticket::Ticket::open(b"key", &sealed), None);
}

proptest! {
    #[test]
    fn no_changed_character_opens(place in 0usize..119, other in "[A-Za-z0-9_-]") {
        let sealed = ticket().seal(b"key");
        prop_assume!(place < sealed.len() && sealed[place..=place] != other);
        let forged = format!("{}{other}{}", &sealed[..place], &sealed[place + 1..]);
        // The last character carries bits that stand for nothing; changing them is no form at all.
        prop_assert_eq!(Ticket::open(b"key", &forged), None);
    }

    #[test]
    fn whatever_arrives_is_read_or_refused_and_never_read_past_its_conditions(
        pairs in proptest::collection::vec(("(F0[1-7]|T0[1-5]|V0[1-3]|E0[1-4])", "[0-5]"), 0..30),
        services in proptest::sample::subsequence(vec!["consult", "outlet", "delivery", "paid", "complaint"], 1..5),
    ) {
        let changes: Vec<(&str, &str)> = services
            .iter()
            .map(|service| ("services", *service))
            .chain(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))
            .collect();
        let questionnaire = questionnaire();
        if let Ok(Taken::Answered(taken)) = parse(&changes) {
            for (item, reply) in questionnaire.items().iter().zip(taken.answers.replies()) {
                prop_assert_eq!(!item.applies(taken.answers.services()), *reply == Reply::NotShown);
            }
        }
    }
}

#[test]
fn an_interview_is_read_with_its_protocol() {
    let Ok(Taken::Answered(taken)) = parse(&[("notes", "很客气\u{0}\r\n")]) else {
        panic!("{:?}", parse(&[]));
    };
    assert_eq!((taken.place, taken.contact_no.get()), (Place::Outside, 7));
    let wanted = Protocol {
        id_card_shown: true,
        show_card_used: true,
        staff_within_earshot: false,
        others_present: true,
        selection_rule: "每第 3 位".into(),
        notes: "很客气".into(),
        evaluator_declaration: true,
        ..Protocol::default()
    };
    assert_eq!(taken.protocol, wanted);
}

#[test]
fn everything_that_makes_it_an_interview_is_required() {
    for (field, value, problem) in [
        ("contact_no", "", Problem::Empty),
        ("contact_no", "0", Problem::OutOfRange),
        ("consent", "", Problem::ConsentMissing),
        ("services", "", Problem::NotAChoice),
        ("place", "", Problem::Missing),
        ("place", "moon", Problem::NotAChoice),
        ("staff_within_earshot", "", Problem::Missing),
        ("selection_rule", "", Problem::Empty),
        ("evaluator_declaration", "", Problem::NotDeclared),
        ("F01", "", Problem::NothingRated),
    ] {
        assert_eq!(
            parse(&[(field, value)]),
            Err(vec![FieldError::new(field, problem)]),
            "{field}={value}"
        );
    }
}

#[test]
fn a_disqualifying_answer_ends_an_unfinished_interview_under_its_number() {
    for (changes, code) in [
        ([("age18", "no"), ("place", "")], Code::Minor),
        ([("service_12m", "no"), ("F01", "")], Code::NoService),
        ([("conflict", "yes"), ("consent", "")], Code::Interested),
    ] {
        let wanted = Ending {
            code,
            contact_no: ContactNo(7),
            refusal_reason: None,
        };
        assert_eq!(parse(&changes), Ok(Taken::Ended(wanted)));
    }
    assert_eq!(
        parse(&[("age18", "no"), ("contact_no", "x")]).unwrap_err()[0].field,
        "contact_no"
    );
}

#[test]
fn a_refusal_needs_its_reason_and_nothing_else_has_one() {
    let parse = |pairs: &[(&str, &str)]| Ending::parse(&questionnaire(), &with(pairs));
    let refused = parse(&[("outcome", "210"), ("refusal_reason", "privacy")]).unwrap();
    assert_eq!(refused.refusal_reason.as_deref(), Some("privacy"));
    assert_eq!(
        parse(&[("outcome", "210")]).unwrap_err(),
        [FieldError::new("refusal_reason", Problem::Missing)]
    );
    let unable = parse(&[("outcome", "230"), ("refusal_reason", "privacy")]).unwrap();
    assert_eq!((unable.code, unable.refusal_reason), (Code::Unable, None));
    for none in ["100", "110", "260", "290", "", "x"] {
        assert!(parse(&[("outcome", none)]).is_err(), "{none} is no end of an approach");
    }
}

#[test]
fn contacts_are_counted_by_their_ends() {
    let mut contacts = Contacts::default();
    for (code, n) in [
        (Code::Complete, 3),
        (Code::Partial, 1),
        (Code::BreakOff, 2),
        (Code::Refusal, 4),
    ] {
        contacts.add(code, n);
    }
    assert_eq!((contacts.done(), contacts.approached()), (4, 10));
    let mut twice = contacts.clone();
    twice.merge(&contacts);
    assert_eq!((twice.done(), twice.count(Code::Refusal)), (8, 8));
}
