//! What in a comment may tell who somebody is: telephone and identity numbers, addresses of mail, licence plates, ids of
//! messengers, names beside their titles, doors. By fixed patterns, so that the same text is marked the same way always.
//! They point; a person decides.

/// What stands in the place of what was taken out.
pub const GAP: &str = "［…］";

/// Kinds of what identifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identifier {
    /// A telephone number.
    Phone,
    /// The number of an identity card.
    IdentityCard,
    /// A long number: of an order, an account, a messenger.
    Number,
    /// A mail address.
    Email,
    /// A licence plate.
    Plate,
    /// An id of WeChat or QQ.
    Messenger,
    /// A name beside its title.
    Name,
    /// A door: number of a house, building or flat.
    Door,
}

/// Something found in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// What it looks like.
    pub kind: Identifier,
    /// First byte.
    pub from: usize,
    /// After its last byte.
    pub to: usize,
}

/// Digits of a number that is long enough to lead to somebody.
const LONG: usize = 7;
/// Shortest and longest id of a messenger.
const HANDLE: std::ops::RangeInclusive<usize> = 5..=20;
const MESSENGERS: [&str; 7] = ["微信", "wechat", "weixin", "vx", "wx", "qq", "扣扣"];
const TITLES: [&str; 14] = [
    "先生",
    "女士",
    "小姐",
    "太太",
    "师傅",
    "经理",
    "老师",
    "阿姨",
    "大哥",
    "大姐",
    "主任",
    "店长",
    "工程师",
    "同志",
];
const ENGLISH_TITLES: [&str; 5] = ["Mrs", "Mr", "Miss", "Ms", "Dr"];
const CALLED: [&str; 6] = ["我叫", "名叫", "叫做", "姓名", "我是", "联系人"];
const DOORS: [&str; 7] = ["号楼", "单元", "弄", "栋", "幢", "室", "号院"];
const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";
const FAMILIES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟\
汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文施洪欧";

/// Everything in a text that may identify somebody, in its order; nothing overlaps.
pub fn identifiers(text: &str) -> Vec<Found> {
    let letters = Letters::of(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at < letters.plain.len() {
        let next = [
            email(&letters, at),
            messenger(&letters, at),
            plate(&letters, at),
            number(&letters, at),
            name(&letters, at),
        ]
        .into_iter()
        .flatten()
        .next();
        match next {
            Some((kind, end)) if end > at => {
                found.push(letters.found(kind, at, end));
                at = end;
            }
            _ => at += 1,
        }
    }
    found
}

/// The text with [`GAP`] in the place of everything found.
pub fn suggested(text: &str, found: &[Found]) -> String {
    let (mut written, mut at) = (String::new(), 0);
    for one in found {
        written += text.get(at..one.from).unwrap_or_default();
        written += GAP;
        at = one.to;
    }
    written + text.get(at..).unwrap_or_default()
}

/// Whether `redacted` is `original` with pieces taken out, a [`GAP`] in the place of each: nothing added, nothing put in
/// another order.
pub fn only_takes_away(original: &str, redacted: &str) -> bool {
    let mut pieces = redacted.split(GAP);
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = original.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = rest.get(at + piece.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// A text letter by letter, in half width, with the place of each letter.
struct Letters {
    plain: Vec<char>,
    places: Vec<usize>,
    end: usize,
}

impl Letters {
    fn of(text: &str) -> Self {
        let (places, plain) = text.char_indices().map(|(at, c)| (at, half_width(c))).unzip();
        Self {
            plain,
            places,
            end: text.len(),
        }
    }

    fn at(&self, place: usize) -> Option<char> {
        self.plain.get(place).copied()
    }

    fn found(&self, kind: Identifier, from: usize, to: usize) -> Found {
        let byte = |place: usize| self.places.get(place).copied().unwrap_or(self.end);
        Found {
            kind,
            from: byte(from),
            to: byte(to),
        }
    }

    /// Whether a word stands here, whatever its case.
    fn has(&self, place: usize, word: &str) -> bool {
        word.chars()
            .enumerate()
            .all(|(n, c)| self.at(place + n).is_some_and(|here| here.eq_ignore_ascii_case(&c)))
    }

    /// After the letters from here that satisfy this.
    fn run(&self, from: usize, is: impl Fn(char) -> bool) -> usize {
        let mut at = from;
        while self.at(at).is_some_and(&is) {
            at += 1;
        }
        at
    }

    /// Whether a letter of Latin script or a digit stands just before.
    fn continues(&self, place: usize) -> bool {
        place
            .checked_sub(1)
            .and_then(|before| self.at(before))
            .is_some_and(|c| c.is_ascii_alphanumeric())
    }
}

fn half_width(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    }
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

fn email(letters: &Letters, at: usize) -> Option<(Identifier, usize)> {
    let is_local = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-');
    if letters.continues(at) {
        return None;
    }
    let sign = letters.run(at, is_local);
    let end = letters.run(sign + 1, |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    let domain: String = letters.plain.get(sign + 1..end)?.iter().collect();
    let is_domain = domain.trim_end_matches('.').contains('.');
    (sign > at && letters.at(sign) == Some('@') && is_domain).then_some((Identifier::Email, end))
}

fn messenger(letters: &Letters, at: usize) -> Option<(Identifier, usize)> {
    let word = MESSENGERS.iter().find(|word| letters.has(at, word))?;
    if word.is_ascii() && letters.continues(at) {
        return None;
    }
    let between = |c: char| matches!(c, '号' | '是' | '为' | ':' | ' ' | '同' | '加' | '码');
    let from = letters.run(at + word.chars().count(), between);
    let end = letters.run(from, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    HANDLE.contains(&(end - from)).then_some((Identifier::Messenger, end))
}

fn plate(letters: &Letters, at: usize) -> Option<(Identifier, usize)> {
    let province = letters.at(at).is_some_and(|c| PROVINCES.contains(c));
    let office = letters.at(at + 1).is_some_and(|c| c.is_ascii_alphabetic());
    if !province || !office {
        return None;
    }
    let from = letters.run(at + 2, |c| matches!(c, '·' | '•' | ' ' | '-'));
    let end = letters.run(from, |c| c.is_ascii_alphanumeric());
    (5..=6).contains(&(end - from)).then_some((Identifier::Plate, end))
}

/// A run of digits, single blanks and hyphens between them, as people write long numbers.
fn number(letters: &Letters, at: usize) -> Option<(Identifier, usize)> {
    if !letters.at(at)?.is_ascii_digit() || letters.continues(at) {
        return None;
    }
    let (mut end, mut digits) = (at, String::new());
    loop {
        match letters.at(end) {
            Some(c) if c.is_ascii_digit() => digits.push(c),
            Some(' ' | '-') if letters.at(end + 1).is_some_and(|c| c.is_ascii_digit()) => {}
            _ => break,
        }
        end += 1;
    }
    if let Some(unit) = DOORS.iter().find(|unit| letters.has(end, unit)) {
        return Some((Identifier::Door, end + unit.chars().count()));
    }
    let is_x = letters.at(end).is_some_and(|c| c.eq_ignore_ascii_case(&'x'));
    match digits.len() {
        17 if is_x => Some((Identifier::IdentityCard, end + 1)),
        15 | 18 => Some((Identifier::IdentityCard, end)),
        11 if digits.starts_with('1') => Some((Identifier::Phone, end)),
        10..=12 if digits.starts_with('0') => Some((Identifier::Phone, end)),
        13 if digits.starts_with("861") => Some((Identifier::Phone, end)),
        n if n >= LONG => Some((Identifier::Number, end)),
        _ => None,
    }
}

fn name(letters: &Letters, at: usize) -> Option<(Identifier, usize)> {
    if let Some(word) = ENGLISH_TITLES.iter().find(|word| letters.has(at, word))
        && !letters.continues(at)
    {
        let from = letters.run(at + word.len(), |c| matches!(c, '.' | ' '));
        let is_capital = letters.at(from).is_some_and(|c| c.is_ascii_uppercase());
        if from > at + word.len() && is_capital {
            return Some((
                Identifier::Name,
                letters.run(from, |c| c.is_ascii_alphabetic() || c == '-'),
            ));
        }
    }
    if let Some(word) = CALLED.iter().find(|word| letters.has(at, word)) {
        let from = letters.run(at + word.chars().count(), |c| matches!(c, ':' | ' ' | '是'));
        if letters.at(from).is_some_and(|c| FAMILIES.contains(c)) {
            let end = (from + 3).min(letters.run(from, is_han));
            return (end > from + 1).then_some((Identifier::Name, end));
        }
    }
    if letters.at(at) == Some('姓') && letters.at(at + 1).is_some_and(|c| FAMILIES.contains(c)) {
        return Some((Identifier::Name, at + 2));
    }
    let thanks = [at.checked_sub(1), Some(at + 1)]
        .into_iter()
        .flatten()
        .any(|beside| letters.at(at) == Some('谢') && letters.at(beside) == Some('谢'));
    if thanks || !letters.at(at).is_some_and(|c| FAMILIES.contains(c)) {
        return None;
    }
    // The family's name, at most two more letters, the title.
    (1..=3).find_map(|length| {
        let title = TITLES.iter().find(|title| letters.has(at + length, title))?;
        let is_name = (at..at + length).all(|place| letters.at(place).is_some_and(is_han));
        is_name.then_some((Identifier::Name, at + length + title.chars().count()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str) -> Vec<(Identifier, &str)> {
        identifiers(text)
            .into_iter()
            .map(|one| (one.kind, text.get(one.from..one.to).unwrap()))
            .collect()
    }

    #[test]
    fn what_tells_who_somebody_is_is_found_however_it_is_written() {
        use Identifier::*;
        for (text, kind, piece) in [
            ("请打13800138000找我", Phone, "13800138000"),
            ("请打 138-0013-8000", Phone, "138-0013-8000"),
            ("电话１３８００１３８０００", Phone, "１３８００１３８０００"),
            ("021-61234567没人接", Phone, "021-61234567"),
            ("身份证31010119900307123X", IdentityCard, "31010119900307123X"),
            ("工单20260412887", Number, "20260412887"),
            ("写信到 zhang.wei@mail.example 吧", Email, "zhang.wei@mail.example"),
            ("车牌沪A·12345停在门口", Plate, "沪A·12345"),
            ("粤B12345D", Plate, "粤B12345D"),
            ("加微信：lilei_88谢谢", Messenger, "微信：lilei_88"),
            ("QQ号 1234567", Messenger, "QQ号 1234567"),
            ("谢谢李师傅", Name, "李师傅"),
            ("王小明先生很好", Name, "王小明先生"),
            ("我叫陈建国", Name, "我叫陈建国"),
            ("Thanks to Mr. Smith!", Name, "Mr. Smith"),
            ("ask Mrs Lee", Name, "Mrs Lee"),
            ("送到12弄", Door, "12弄"),
        ] {
            assert_eq!(marked(text), [(kind, piece)], "{text}");
        }
        for text in [
            "师傅很准时，等了20分钟，花了350元。",
            "第2次来，3天就修好了",
            "Great service, 5 of 5",
            "2026年4月12日",
            "",
        ] {
            assert_eq!(marked(text), [], "{text}");
        }
    }

    #[test]
    fn a_suggestion_leaves_nothing_that_is_found_and_only_takes_away() {
        let text = "李师傅（13800138000）弄坏了12弄3号楼的门，赔偿到 li@mail.example，车牌沪A12345";
        let redacted = suggested(text, &identifiers(text));
        assert_eq!(identifiers(&redacted), []);
        assert!(only_takes_away(text, &redacted) && redacted.contains("弄坏了"));
    }

    #[test]
    fn a_redaction_adds_nothing_and_turns_nothing_round() {
        let text = "师傅迟到了，态度不好";
        for fine in [
            "师傅迟到了，态度不好",
            "［…］迟到了，［…］",
            "师傅［…］，态度不好",
            "［…］",
        ] {
            assert!(only_takes_away(text, fine), "{fine}");
        }
        for wrong in [
            "师傅没迟到",
            "［…］态度不好［…］迟到了",
            "师傅迟到了，态度很好",
            "师傅迟到了",
            "",
            "［…］很好",
        ] {
            assert!(!only_takes_away(text, wrong), "{wrong}");
        }
    }
}
