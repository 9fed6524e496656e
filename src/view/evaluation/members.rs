//! Who is what in an evaluation.

use askama::Template;

use super::{Button, base};
use crate::access::{Role, RoleSet};
use crate::survey::evaluation::Act;
use crate::survey::form::{FieldError, RawForm};
use crate::survey::id::{EvaluationId, PersonId};
use crate::view::office::form::{Choice, Control, Form, FormBuilder};
use crate::view::office::{Desk, Frame, role_name, role_names};

/// What the list shows.
#[derive(Debug, Clone)]
pub struct MembersPage {
    /// The evaluation.
    pub evaluation: EvaluationId,
    /// Who, number, what; by role and name.
    pub members: Vec<(PersonId, String, String, Role)>,
    /// Who may be added, number, what they may be.
    pub candidates: Vec<(PersonId, String, String, RoleSet)>,
    /// Whether the viewer may change them.
    pub is_manager: bool,
}

struct Row<'a> {
    name: &'a str,
    number: &'a str,
    role: String,
    remove: Option<Button>,
}

#[derive(Template)]
#[template(path = "office/evaluation/members.html")]
struct Page<'a> {
    frame: Frame,
    rows: Vec<Row<'a>>,
    changeable: bool,
    form: Option<Form>,
}

/// The people of an evaluation, with a form that adds one.
///
/// # Errors
/// What the template engine reports.
pub fn members(
    desk: &Desk,
    shown: &MembersPage,
    form: &RawForm,
    errors: &[FieldError],
) -> Result<String, askama::Error> {
    let words = desk.words();
    let open = desk
        .here
        .as_ref()
        .is_some_and(|(here, _)| here.state.allows(Act::ChangeMembers));
    let changeable = shown.is_manager && open;
    let managers = shown.members.iter().filter(|member| member.3 == Role::Manager).count();
    let rows = shown.members.iter().map(|(person, name, number, role)| Row {
        name,
        number,
        role: role_name(words, *role),
        // Somebody must be left who can go on.
        remove: (changeable && (*role != Role::Manager || managers > 1)).then(|| Button {
            action: format!("{}/members/remove", base(shown.evaluation)),
            csrf: desk.csrf.clone(),
            fields: vec![("person", person.to_string()), ("role", role.as_str().to_owned())],
            text: words.t("members-remove"),
            about: format!("{name} {}", role_name(words, *role)),
        }),
    });
    let page = Page {
        frame: Frame::at(desk, &words.t("rail-members")),
        rows: rows.collect(),
        changeable,
        form: changeable.then(|| add_form(desk, shown, form, errors)),
    };
    page.render()
}

fn add_form(desk: &Desk, shown: &MembersPage, form: &RawForm, errors: &[FieldError]) -> Form {
    let words = desk.words();
    let people = shown.candidates.iter().map(|(person, name, number, roles)| {
        let text = format!("{name} · {number} · {}", role_names(words, *roles));
        Choice::new(person.to_string(), text)
    });
    let nobody = Choice::new("", words.t("members-choose"));
    let roles = Role::IN_EVALUATIONS.map(|role| Choice::new(role.as_str(), role_name(words, role)));
    FormBuilder::new(
        words,
        format!("{}/members", base(shown.evaluation)),
        &desk.csrf,
        form,
        errors,
    )
    .select(
        "person",
        words.t("members-person"),
        [nobody].into_iter().chain(people).collect(),
    )
    .radios("role", words.t("members-role"), roles.into())
    .hint(words.t("members-role-hint"))
    .submit(words.t("members-add"))
}
