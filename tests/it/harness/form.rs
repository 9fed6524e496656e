//! A form as a browser holds it: what it shows, what is chosen, what it would send.

use scraper::{ElementRef, Html, Selector};

pub(super) fn css(selector: &str) -> Selector {
    Selector::parse(selector).unwrap()
}

pub(super) fn words(element: &ElementRef<'_>) -> String {
    element
        .text()
        .collect::<Vec<_>>()
        .join(" ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Radio,
    Check,
    Option,
    Text,
    Hidden,
    Button,
}

#[derive(Debug, Clone)]
struct Control {
    kind: Kind,
    name: String,
    value: String,
    label: String,
    chosen: bool,
}

/// A form.
#[derive(Debug, Clone)]
pub struct Form {
    pub action: String,
    controls: Vec<Control>,
}

impl Form {
    pub(super) fn read(html: &Html, form: ElementRef<'_>) -> Self {
        assert_eq!(form.attr("method"), Some("post"));
        // A form with a file is sent by `Staff::upload`.
        let kind = form.attr("enctype").unwrap_or("application/x-www-form-urlencoded");
        assert!(matches!(
            kind,
            "application/x-www-form-urlencoded" | "multipart/form-data"
        ));
        let controls = css("input:not([type=file]), option, textarea, button");
        let controls = form
            .select(&controls)
            .map(|element| Control::read(html, element))
            .collect();
        let mut form = Self {
            action: form.attr("action").unwrap().to_owned(),
            controls,
        };
        // A list without a chosen option has its first one chosen.
        for name in form.names(Kind::Option) {
            if form.chosen(&name).is_empty() {
                let first = form.controls.iter_mut().find(|control| control.name == name).unwrap();
                first.chosen = true;
            }
        }
        form
    }

    fn names(&self, kind: Kind) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for control in self.controls.iter().filter(|control| control.kind == kind) {
            if !names.contains(&control.name) {
                names.push(control.name.clone());
            }
        }
        names
    }

    /// The radio groups, in the order on the page.
    pub fn radio_groups(&self) -> Vec<String> {
        self.names(Kind::Radio)
    }

    /// Every control a customer can see, by name.
    pub fn visible(&self) -> Vec<String> {
        [Kind::Radio, Kind::Check, Kind::Option, Kind::Text]
            .into_iter()
            .flat_map(|kind| self.names(kind))
            .collect()
    }

    /// The values on offer under a name.
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.controls
            .iter()
            .filter(|control| control.name == name)
            .map(|control| control.value.as_str())
            .collect()
    }

    /// What is chosen or written under a name; an empty choice is none.
    pub fn chosen(&self, name: &str) -> Vec<&str> {
        let chosen = self
            .controls
            .iter()
            .filter(|control| control.name == name && control.chosen);
        chosen
            .map(|control| control.value.as_str())
            .filter(|value| !value.is_empty())
            .collect()
    }

    /// Chooses a radio button or an option of a list.
    pub fn pick(&mut self, name: &str, value: &str) {
        assert!(
            self.offers(name, value),
            "{name} offers {:?}, not {value:?} with a label",
            self.values(name)
        );
        for control in self.controls.iter_mut().filter(|control| control.name == name) {
            assert!(matches!(control.kind, Kind::Radio | Kind::Option), "{name} is a choice");
            control.chosen = control.value == value;
        }
    }

    /// Ticks a box.
    pub fn check(&mut self, name: &str, value: &str) {
        assert!(
            self.offers(name, value),
            "{name} offers {:?}, not {value:?} with a label",
            self.values(name)
        );
        let boxes = self
            .controls
            .iter_mut()
            .filter(|control| control.name == name && control.value == value);
        boxes.for_each(|control| control.chosen = true);
    }

    /// Chooses by the words beside the button.
    pub fn pick_labelled(&mut self, name: &str, label: &str) {
        let found = self
            .controls
            .iter()
            .find(|control| control.name == name && control.label.contains(label));
        let value = found
            .unwrap_or_else(|| panic!("nothing labelled {label:?} in {name}"))
            .value
            .clone();
        self.pick(name, &value);
    }

    /// Writes into a text field.
    pub fn write(&mut self, name: &str, text: &str) {
        let field = self
            .controls
            .iter_mut()
            .find(|control| control.name == name && control.kind == Kind::Text);
        field.unwrap_or_else(|| panic!("no text field {name}")).value = text.to_owned();
    }

    /// Gives every item the same rating, the overall one too where the value is offered.
    pub fn rate_all(&mut self, value: &str) {
        for name in self.radio_groups() {
            if self.values(&name).contains(&"5") && self.values(&name).contains(&value) {
                self.pick(&name, value);
            }
        }
    }

    /// What is written in a text field.
    pub fn written(&self, name: &str) -> &str {
        let field = self
            .controls
            .iter()
            .find(|control| control.name == name && control.kind == Kind::Text);
        &field.unwrap_or_else(|| panic!("no text field {name}")).value
    }

    /// What a browser sends.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let sent = self
            .controls
            .iter()
            .filter(|control| control.chosen && control.kind != Kind::Button);
        // Browsers send line breaks as CR LF.
        sent.map(|control| (control.name.clone(), control.value.replace('\n', "\r\n")))
            .collect()
    }

    /// What a browser sends when a named button is pressed.
    pub fn pairs_with_button(&self, name: &str) -> Vec<(String, String)> {
        let button = self
            .controls
            .iter()
            .find(|control| control.kind == Kind::Button && control.name == name);
        let button = button.unwrap_or_else(|| panic!("no button {name}"));
        [self.pairs(), vec![(button.name.clone(), button.value.clone())]].concat()
    }

    fn offers(&self, name: &str, value: &str) -> bool {
        let mut found = self
            .controls
            .iter()
            .filter(|control| control.name == name && control.value == value);
        found.any(|control| !control.label.is_empty())
    }
}

impl Control {
    fn read(html: &Html, element: ElementRef<'_>) -> Self {
        let attribute = |name: &str| element.attr(name).unwrap_or_default().to_owned();
        let mut parents = element.ancestors().filter_map(ElementRef::wrap);
        let unseen = parents.any(|parent| parent.attr("hidden").is_some());
        let kind = match (element.value().name(), element.attr("type")) {
            ("input", Some("text")) if unseen => Kind::Hidden,
            ("textarea", _) | ("input", Some("text" | "date" | "time" | "password")) => Kind::Text,
            ("button", _) => Kind::Button,
            ("option", _) => Kind::Option,
            (_, Some("radio")) => Kind::Radio,
            (_, Some("checkbox")) => Kind::Check,
            (_, Some("hidden")) => Kind::Hidden,
            (_, Some("text" | "password" | "date")) => Kind::Text,
            (name, other) => panic!("unexpected control {name} {other:?}"),
        };
        let around = || element.ancestors().filter_map(ElementRef::wrap);
        let name = match kind {
            Kind::Option => around().find_map(|parent| parent.attr("name")).unwrap().to_owned(),
            _ => attribute("name"),
        };
        let label = match kind {
            Kind::Option | Kind::Button => words(&element),
            _ => around()
                .find(|parent| parent.value().name() == "label")
                .or_else(|| {
                    html.select(&css("label"))
                        .find(|l| l.attr("for").is_some() && l.attr("for") == element.attr("id"))
                })
                .map_or_else(String::new, |label| words(&label)),
        };
        let chosen = match kind {
            Kind::Text | Kind::Hidden => true,
            Kind::Option => element.attr("selected").is_some(),
            _ => element.attr("checked").is_some(),
        };
        let value = if element.value().name() == "textarea" {
            element.text().collect()
        } else {
            attribute("value")
        };
        Self {
            kind,
            name,
            value,
            label,
            chosen,
        }
    }
}
