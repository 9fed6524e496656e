//! An outlet's plate: one A4 page as a drawing in millimetres, Chinese with English below.

use askama::Template;

use crate::qr::QrPath;
use crate::survey::language::{Language, Text};
use crate::view::words::Words;

/// Longest line, mm: the page is 210 mm wide.
const WIDTH: f64 = 170.0;
/// Side of the code with its quiet zone, mm.
const CODE_SIDE: f64 = 100.0;
const LINE_HEIGHT: f64 = 1.36;

/// What stands on a plate.
#[derive(Debug, Clone, Copy)]
pub struct Plate<'a> {
    /// The certification body.
    pub body: &'a Text,
    /// The organisation.
    pub firm: &'a Text,
    /// The evaluation.
    pub title: &'a Text,
    /// The outlet.
    pub outlet: &'a Text,
    /// The questionnaire's line for plates.
    pub call: &'a Text,
    /// Where the code leads.
    pub url: &'a str,
    /// Which code of the outlet it is; an old plate is known by it.
    pub generation: i32,
}

/// A line of text on the plate.
struct Line {
    text: String,
    tag: &'static str,
    y: String,
    size: String,
    weight: u16,
}

#[derive(Template)]
#[template(path = "office/codes/plate.html")]
struct Drawing {
    label: String,
    lines: Vec<Line>,
    notice_y: String,
    notice_height: String,
    code: Option<QrPath>,
    code_x: String,
    code_y: String,
    code_scale: String,
}

/// The drawing (SVG).
///
/// # Errors
/// What the template engine reports.
pub fn plate(plate: &Plate<'_>) -> Result<String, askama::Error> {
    let [zh, en] = Language::ALL.map(Words::new);
    let both = |text: &Text| Language::ALL.map(|language| text.get(language).to_owned());
    let mut page = Flow {
        y: 18.0,
        lines: Vec::new(),
    };
    let [body_zh, body_en] = both(plate.body);
    page.put(Language::ZhCn, &body_zh, 6.5, 600, 1);
    page.put(Language::En, &body_en, 4.4, 400, 1);
    page.y += 5.0;
    let ([firm_zh, firm_en], [outlet_zh, outlet_en]) = (both(plate.firm), both(plate.outlet));
    page.put(Language::ZhCn, &firm_zh, 8.0, 400, 1);
    page.put(Language::ZhCn, &outlet_zh, 12.0, 700, 2);
    page.put(Language::En, &format!("{firm_en} · {outlet_en}"), 5.0, 400, 2);
    let code_y = page.y;
    page.y = code_y + CODE_SIDE;
    let [call_zh, call_en] = both(plate.call);
    page.put(Language::ZhCn, &call_zh, 6.4, 600, 3);
    page.put(Language::En, &call_en, 4.2, 400, 3);
    let notice_y = page.y + 3.0;
    page.y += 5.0;
    page.put(Language::ZhCn, &zh.t("plate-staff"), 5.4, 600, 2);
    page.put(Language::En, &en.t("plate-staff"), 4.0, 400, 2);
    let notice_height = page.y - notice_y + 1.5;
    page.y = 282.0;
    let [title_zh, title_en] = both(plate.title);
    page.put(Language::ZhCn, &format!("{title_zh} · {title_en}"), 3.6, 400, 1);
    let number = [("n", plate.generation.into())];
    let version = format!("{} · {}", zh.tn("plate-version", &number), plate.url);
    page.put(Language::En, &version, 3.2, 400, 1);
    let code = QrPath::of(plate.url).ok();
    let side = code
        .as_ref()
        .map_or(1.0, |code| f64::from(u16::try_from(code.side).unwrap_or(1)));
    let drawing = Drawing {
        label: zh.tn("plate-label", &[("outlet", outlet_zh.into())]),
        lines: page.lines,
        notice_y: mm(notice_y),
        notice_height: mm(notice_height),
        code,
        code_x: mm((210.0 - CODE_SIDE) / 2.0),
        code_y: mm(code_y),
        code_scale: format!("{:.5}", CODE_SIDE / side),
    };
    drawing.render()
}

fn mm(length: f64) -> String {
    format!("{length:.2}")
}

/// Text that flows down the page.
struct Flow {
    /// Top of the next line.
    y: f64,
    lines: Vec<Line>,
}

impl Flow {
    /// Sets a text in at most so many lines, smaller where it would not fit.
    fn put(&mut self, language: Language, text: &str, wanted: f64, weight: u16, lines_max: usize) {
        let mut size = wanted;
        let mut lines = wrap(text, WIDTH / size);
        while lines.len() > lines_max && size > 1.5 {
            size *= 0.94;
            lines = wrap(text, WIDTH / size);
        }
        for text in lines {
            self.lines.push(Line {
                text,
                tag: language.tag(),
                y: mm(self.y + size),
                size: mm(size),
                weight,
            });
            self.y += size * LINE_HEIGHT;
        }
    }
}

/// Roughly how wide a letter is, in its own height.
fn ems(letter: char) -> f64 {
    match letter {
        ' ' | '.' | ',' | ':' | ';' | '\'' | 'i' | 'l' | 'j' | '·' => 0.32,
        'A'..='Z' | 'm' | 'w' => 0.74,
        letter if letter.is_ascii() => 0.58,
        _ => 1.0,
    }
}

/// Breaks a text into lines of at most so many ems: between words, or after any Chinese character unless a closing mark
/// follows. What has no place to break stands on a line of its own.
fn wrap(text: &str, width: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        let wide = |text: &str| text.trim_end().chars().map(ems).sum::<f64>();
        if !line.is_empty() && wide(&format!("{line}{piece}")) > width {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        line.push_str(&piece);
    }
    if !line.trim_end().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// The parts of a text between which a line may break.
fn pieces(text: &str) -> Vec<String> {
    let closes = |letter: char| {
        matches!(
            letter,
            '，' | '。' | '、' | '；' | '：' | '！' | '？' | '）' | '”' | '》' | ')' | ',' | '.'
        )
    };
    let mut found: Vec<String> = Vec::new();
    let mut may_break = true;
    for letter in text.chars() {
        match found
            .last_mut()
            .filter(|_| !may_break || closes(letter) || letter == ' ')
        {
            Some(piece) => piece.push(letter),
            None => found.push(letter.into()),
        }
        may_break = letter == ' ' || !(letter.is_ascii() || matches!(letter, '（' | '“' | '《' | '–'));
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_is_lost_in_breaking_lines(text in "[a-z ，。网点0-9（）]{0,80}", width in 5.0..40.0f64) {
            let lines = wrap(&text, width);
            let squeeze = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(squeeze(&lines.concat()), squeeze(&text));
            for line in &lines {
                prop_assert!(!line.starts_with(['，', '。']) || lines.len() == 1 || text.starts_with(['，', '。']), "{:?}", lines);
            }
        }
    }

    #[test]
    fn a_plate_names_everybody_and_holds_its_code() {
        let drawing = plate(&Plate {
            body: &Text::new("华信认证中心", "Huaxin Certification"),
            firm: &Text::new("海晴电器有限公司", "Haiqing <Appliances>"),
            title: &Text::new("2026 年度评价", "Evaluation 2026"),
            outlet: &Text::new("浦东服务网点", "Pudong outlet"),
            call: &Text::new("扫码说真话", "Scan and tell us"),
            url: "https://example.org/s/ABC",
            generation: 3,
        })
        .unwrap();
        for text in [
            "华信认证中心",
            "海晴电器有限公司",
            "浦东服务网点",
            "2026 年度评价",
            "扫码说真话",
            "第 3 版",
        ] {
            assert!(drawing.contains(text), "{text}");
        }
        assert!(drawing.contains(&QrPath::of("https://example.org/s/ABC").unwrap().data));
        assert!(!drawing.contains("<Appliances>"));
    }

    #[test]
    fn the_drawing_stays_on_the_page_whatever_the_names() {
        let long = |n| Text::new("服".repeat(n), "Service centre ".repeat(n / 8));
        for n in [4, 40, 120] {
            let (name, call) = (long(n), long(50));
            let drawing = plate(&Plate {
                body: &name,
                firm: &name,
                title: &name,
                outlet: &name,
                call: &call,
                url: "https://survey.example.cn/s/ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
                generation: 2,
            })
            .unwrap();
            let numbers = |attribute: &str| -> Vec<f64> {
                drawing
                    .split(attribute)
                    .skip(1)
                    .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
                    .collect()
            };
            let lines: Vec<f64> = numbers("<text x=\"105\" y=\"");
            let sizes = numbers("font-size=\"");
            for (place, pair) in lines.windows(2).enumerate() {
                let (foot, head) = (pair[0] + 0.2 * sizes[place], pair[1] - 0.9 * sizes[place + 1]);
                assert!(foot <= head, "lines overlap: {lines:?} {sizes:?}");
            }
            assert!(lines.last().unwrap() < &293.0);
            assert!(!drawing.contains("style") && drawing.starts_with("<svg"));
        }
    }
}
