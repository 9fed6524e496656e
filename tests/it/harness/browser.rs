//! A customer with a browser: reads pages as people do, sends what the page's own form holds, keeps no cookie, and
//! follows a redirect only when told.

use std::time::Duration;

use scraper::Html;
use ureq::http::{HeaderMap, Request};

use super::form::{Form, css, words};

/// A browser pointed at one server. Every request takes a connection of its own.
#[derive(Clone)]
pub struct Customer {
    base: String,
    agent: ureq::Agent,
}

impl Customer {
    /// A customer of the server at this address.
    pub fn at(base: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .proxy(None)
            .accept_encoding("")
            .input_buffer_size(16 * 1024) // filled with zeroes on every connection
            .output_buffer_size(16 * 1024)
            .timeout_global(Some(Duration::from_secs(30)))
            .build();
        Self {
            base: base.to_owned(),
            agent: config.new_agent(),
        }
    }

    /// Asks for a page.
    pub fn get(&self, path: &str) -> Page {
        self.try_send("GET", path, &[], None).unwrap()
    }

    /// Asks for the head of a page, as link checkers do.
    pub fn head(&self, path: &str) -> Page {
        self.try_send("HEAD", path, &[], None).unwrap()
    }

    /// Sends a form.
    pub fn post(&self, path: &str, pairs: &[(String, String)]) -> Page {
        self.try_post(path, pairs).unwrap()
    }

    /// Sends a form over a connection that may break.
    pub fn try_post(&self, path: &str, pairs: &[(String, String)]) -> Result<Page, ureq::Error> {
        let body = serde_html_form::to_string(pairs).unwrap();
        self.try_send(
            "POST",
            path,
            &[("content-type", "application/x-www-form-urlencoded")],
            Some(body.as_bytes()),
        )
    }

    /// Any request.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Page, ureq::Error> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = match body {
            Some(bytes) => self.agent.run(request.body(bytes).unwrap())?,
            None => self.agent.run(request.body(()).unwrap())?,
        };
        Ok(Page {
            path: path.to_owned(),
            status: response.status().as_u16(),
            body: response.body_mut().read_to_vec()?,
            headers: response.headers().clone(),
        })
    }

    /// Goes where a redirect points, until there is a page.
    pub fn follow(&self, mut page: Page) -> Page {
        for _ in 0..5 {
            if page.status != 303 {
                return page;
            }
            page = self.get(page.location());
        }
        panic!("{} leads in circles", page.path)
    }

    /// Landing page → rating page: agrees, is eligible, used these services.
    pub fn begin(&self, link: &str, services: &[&str]) -> Page {
        let landing = self.get(link);
        assert_eq!(landing.status, 200, "{}", landing.text());
        let mut form = landing.form();
        form.check("consent", "yes");
        for (question, answer) in [("age18", "yes"), ("service_12m", "yes"), ("conflict", "no")] {
            form.pick(question, answer);
        }
        for service in services {
            form.check("services", service);
        }
        let reply = self.send(&form);
        assert_eq!(reply.status, 303, "{}", reply.text());
        let rating = self.get(reply.location());
        assert_eq!(rating.status, 200, "{}", rating.text());
        rating
    }

    /// Presses a form's first button.
    pub fn send(&self, form: &Form) -> Page {
        self.post(&form.action, &form.pairs())
    }

    /// The whole way with the same rating everywhere; returns the receipt page.
    pub fn answer(&self, link: &str, services: &[&str], rating: &str) -> Page {
        let mut form = self.begin(link, services).form();
        form.rate_all(rating);
        let reply = self.send(&form);
        assert_eq!(reply.status, 303, "{}", reply.text());
        let receipt = self.get(reply.location());
        assert_eq!(receipt.status, 200, "{}", receipt.text());
        receipt
    }
}

/// What the server answered.
#[derive(Debug, Clone)]
pub struct Page {
    pub path: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Page {
    /// A header as text; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where a redirect points: a path of this server.
    pub fn location(&self) -> &str {
        let location = self.header("location");
        assert!(location.starts_with('/'), "{} redirects to {location:?}", self.path);
        location
    }

    /// The body as text.
    pub fn source(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// What a person reads, white space collapsed.
    pub fn text(&self) -> String {
        let html = Html::parse_document(&String::from_utf8_lossy(&self.body));
        let body = html.select(&css("body")).next().map(|body| words(&body));
        format!("[{}] {}", self.status, body.unwrap_or_default())
    }

    /// The text of the first element of a selector.
    pub fn text_of(&self, selector: &str) -> String {
        let html = Html::parse_document(self.source());
        let found = html.select(&css(selector)).next().map(|element| words(&element));
        found.unwrap_or_else(|| panic!("no {selector} in {}", self.text()))
    }

    /// The text of every element of a selector, in document order.
    pub fn texts_of(&self, selector: &str) -> Vec<String> {
        let html = Html::parse_document(self.source());
        html.select(&css(selector)).map(|element| words(&element)).collect()
    }

    /// An attribute of every element of a selector, in document order.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let html = Html::parse_document(self.source());
        html.select(&css(selector))
            .filter_map(|element| element.attr(name).map(str::to_owned))
            .collect()
    }

    /// Language that the page says it is in.
    pub fn language(&self) -> String {
        self.attributes("html", "lang").concat()
    }

    /// The receipt code.
    pub fn receipt(&self) -> String {
        let codes = self.attributes("[data-receipt]", "data-receipt");
        assert_eq!(codes.len(), 1, "{}", self.text());
        codes[0].clone()
    }

    /// The form that posts to this path.
    pub fn form_to(&self, action: &str) -> Form {
        let html = Html::parse_document(self.source());
        let every = css("form");
        let found = html.select(&every).find(|form| form.attr("action") == Some(action));
        Form::read(
            &html,
            found.unwrap_or_else(|| panic!("no form to {action} in {}", self.text())),
        )
    }

    /// The page's one form.
    pub fn form(&self) -> Form {
        let html = Html::parse_document(self.source());
        let forms: Vec<_> = html.select(&css("form")).collect();
        assert_eq!(forms.len(), 1, "one form in {}", self.text());
        Form::read(&html, forms[0])
    }
}
