use super::*;

fn outlet(n: u8) -> OutletId {
    OutletId::from_random([n; 16])
}
fn person(n: u8) -> PersonId {
    PersonId::from_random([n; 16])
}
/// 2026-11-27 is a Friday.
fn day(n: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, n).unwrap_or_default()
}
fn visit(at: u8, day: NaiveDate, part: Part, target: u32) -> Assignment {
    let slot = Slot {
        day,
        part,
        outlet: outlet(at),
        evaluator: person(1),
    };
    Assignment {
        slot,
        target,
        selection: Selection::Every(3),
    }
}

#[test]
fn the_rules_of_visits_are_told_outlet_by_outlet() {
    let plan = [(outlet(1), 8), (outlet(2), 5)];
    assert_eq!(
        remarks(&[], &plan),
        [Remark::Nobody(outlet(1)), Remark::Nobody(outlet(2))]
    );
    let poor = [visit(1, day(27), Part::Morning, 4), visit(2, day(28), Part::Whole, 26)];
    assert_eq!(
        remarks(&poor, &plan),
        [
            Remark::OneDay(outlet(1)),
            Remark::OneHalf(outlet(1)),
            Remark::NoWeekend(outlet(1)),
            Remark::FewAtOutlet(outlet(1), 4),
            Remark::BelowPlan(outlet(1), 4, 8),
            Remark::OneDay(outlet(2)),
            Remark::ManyOnDay(person(1), day(28), 26),
        ]
    );
    let good = [
        visit(1, day(27), Part::Morning, 4),
        visit(1, day(28), Part::Afternoon, 4),
    ];
    assert_eq!(remarks(&good, &plan[..1]), []);
    // Customers drawn from a list are met when they please.
    let listed = Assignment {
        selection: Selection::List("3, 17, 40".into()),
        ..visit(2, day(27), Part::Whole, 5)
    };
    assert_eq!(remarks(&[listed], &plan[1..]), []);
}

#[test]
fn every_hour_belongs_to_one_part_and_to_the_whole() {
    for hour in 0..24 {
        assert!(Part::Whole.holds(hour));
        assert_ne!(Part::Morning.holds(hour), Part::Afternoon.holds(hour));
    }
    // Two parts overlap exactly where an hour lies in both.
    for a in Part::ALL {
        for b in Part::ALL {
            assert_eq!(
                a.overlaps(b),
                (0..24).any(|hour| a.holds(hour) && b.holds(hour)),
                "{a:?} {b:?}"
            );
        }
        assert_eq!(Part::parse(a.as_str()), Some(a));
    }
}

#[test]
fn an_assignment_is_made_before_its_day() {
    let form = |day: &str, rule: (&str, &str)| {
        RawForm::new(
            [
                ("evaluator", person(1).to_string().as_str()),
                ("outlet", outlet(1).to_string().as_str()),
                ("day", day),
                ("part", "morning"),
                ("target", "6"),
                ("selection", if rule.0 == "step" { "every" } else { "list" }),
                rule,
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        )
    };
    let read = |form: &RawForm| parse(form, &[outlet(1)], &[person(1)], day(26));
    let problem = |form: RawForm| read(&form).err().and_then(|errors| errors.first().cloned());
    let tomorrow = Assignment {
        target: 6,
        ..visit(1, day(27), Part::Morning, 0)
    };
    assert_eq!(read(&form("2026-11-27", ("step", "3"))), Ok(tomorrow));
    for begun in ["2026-11-26", "2026-11-01"] {
        assert_eq!(
            problem(form(begun, ("step", "3"))),
            Some(FieldError::new("day", Problem::DayBegun))
        );
    }
    assert_eq!(
        problem(form("2026-11-27", ("step", ""))),
        Some(FieldError::new("step", Problem::Empty))
    );
    assert_eq!(
        problem(form("2026-11-27", ("list", " "))),
        Some(FieldError::new("list", Problem::Empty))
    );
    assert_eq!(
        problem(form("2126-11-27", ("step", "3"))),
        Some(FieldError::new("day", Problem::OutOfRange))
    );
    let stranger = parse(&form("2026-11-27", ("step", "3")), &[outlet(2)], &[person(2)], day(26));
    assert_eq!(stranger.map_err(|errors| errors.len()), Err(2));
}
