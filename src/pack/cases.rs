//! cases.csv: one row a contact with its final disposition.

use super::error::{PackError, quote};
use super::frame::{ByName, Organisation, Places};
use super::source::Source;
use super::table::{self, Row};
use crate::statistics::class::EvidenceClass;
use crate::statistics::outcome::{Outcome, OutcomeCounts};
use crate::statistics::result::Contacts;

const FILE: &str = "cases.csv";

/// Counts the cases into their organisations. `outlet` and `code` (the detailed disposition code) may be missing; a case
/// without a code has its outcome as such.
pub(super) fn read(
    source: &Source,
    organisations: &mut [Organisation],
    places: &ByName<Places>,
) -> Result<(), PackError> {
    // Without the file nothing is known of contacts.
    source.stream(FILE, |stream, _| {
        for organisation in organisations.iter_mut() {
            (organisation.cases_face, organisation.cases_invited) = (Some(<_>::default()), Some(<_>::default()));
            organisation.contacts = Some(Contacts::new());
        }
        table::rows(FILE, stream, &["org", "channel", "disp"], &["outlet", "code"], |row| {
            let name = row.name("org")?.as_bytes();
            let place = places.get(name);
            let found = place.and_then(|place| Some((place, organisations.get_mut(place.organisation)?)));
            let Some((place, organisation)) = found else {
                let problem = format!("unknown organisation {}; expected one of outlets.csv", quote(name));
                return Err(row.wrong("org", problem));
            };
            count(row, place, organisation)
        })
    })?;
    Ok(())
}

fn count(row: &Row<'_>, place: &Places, organisation: &mut Organisation) -> Result<(), PackError> {
    let disposition = row.text("disp");
    let outcome = Outcome::parse(disposition).ok_or_else(|| {
        let found = quote(disposition.as_bytes());
        row.wrong("disp", format!("{found}; expected I, P, R, NC, O, UH, UO or NE"))
    })?;
    let add = |counts: &mut Option<OutcomeCounts>| counts.get_or_insert_default().add(outcome, 1);
    let class = match row.text("channel") {
        "face" => {
            add(&mut organisation.cases_face);
            EvidenceClass::Face
        }
        "email" => {
            add(&mut organisation.cases_invited);
            EvidenceClass::Invited
        }
        // Whoever passes an open code without answering leaves no case: participations, without a rate.
        "qr" => EvidenceClass::Open,
        other => {
            let found = quote(other.as_bytes());
            return Err(row.wrong("channel", format!("{found}; expected face, email or qr")));
        }
    };
    let code = match row.text("code") {
        "" => disposition,
        code => code,
    };
    let known = organisation.outcomes.entry((class, code.to_owned())).or_insert(outcome);
    if *known != outcome {
        let problem = format!(
            "{disposition}; code {} was {} before",
            quote(code.as_bytes()),
            known.as_str()
        );
        return Err(row.wrong("disp", problem));
    }
    let nowhere = organisation.population.outlets().len();
    let outlet = place
        .outlets
        .get(row.text("outlet").as_bytes())
        .copied()
        .unwrap_or(nowhere);
    let contacts = organisation.contacts.get_or_insert_default();
    *contacts
        .entry((outlet, class))
        .or_default()
        .entry(code.to_owned())
        .or_default() += 1;
    Ok(())
}
