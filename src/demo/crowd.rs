//! Invented customers: what they used, how satisfied they are, what they leave out. Seeded, so that the same demo comes
//! out every time.

use std::net::{IpAddr, Ipv4Addr};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::survey::EvidenceClass;
use crate::survey::form::RawForm;
use crate::survey::interview::ContactNo;
use crate::survey::low_rating::low_reason_name;
use crate::survey::questionnaire::{Item, Questionnaire, ServiceSet};

/// A crowd of one outlet and channel.
pub struct Crowd {
    random: StdRng,
    /// Devices and the words of comments are drawn apart, so that the marks given are the same without them.
    aside: StdRng,
    /// So are reasons for low ratings.
    reasons: StdRng,
    /// Mean satisfaction on a scale where 1 is delighted and 0 is furious.
    mood: f64,
    /// The last one that an evaluator approached.
    approached: Option<ContactNo>,
}

/// What customers come for, as shares of a hundred: services used together.
const VISITS: [(u32, &[&str]); 7] = [
    (22, &["consult", "outlet"]),
    (20, &["consult", "home", "repair", "paid"]),
    (18, &["delivery", "home", "install", "guide"]),
    (14, &["outlet", "repair", "paid"]),
    (12, &["home", "maintain", "paid"]),
    (8, &["outlet", "return", "recycle"]),
    (6, &["consult", "complaint", "home", "repair"]),
];

const COMMENTS: [&str; 10] = [
    "师傅很准时，讲解也清楚。",
    "电话要等很久才有人接。",
    "安装后现场收拾得很干净。",
    "收费和说好的一样，放心。",
    "配件等了一个星期，希望快一点。",
    "师傅把用法讲了两遍，很耐心。",
    "网点不太好找，建议加个指示牌。",
    "态度很好，问题一次就解决了。",
    "投诉后有人回访，这点不错。",
    "保养提醒很及时。",
];

const OPENINGS: [&str; 10] = [
    "给父母买的，",
    "第一次来这个网点，",
    "周末下午过去的，",
    "装修前就订好了，",
    "用了三年才坏，",
    "下雨天也按时上门，",
    "朋友介绍过来的，",
    "家里有老人和孩子，",
    "之前在网上问过，",
    "下班以后才有空，",
];

const ENDINGS: [&str; 10] = [
    "总的来说比较满意。",
    "下次有需要还会来。",
    "节假日能多安排人手就好了。",
    "希望一直保持下去！",
    "维修的王师傅很负责。",
    "和别家比算不错的。",
    "停车有点不方便。",
    "客服回电话也及时。",
    "配件价格再透明一些。",
    "谢谢你们的帮助。",
];

impl Crowd {
    /// A crowd from a seed.
    pub fn new(seed: u64, mood: f64) -> Self {
        Self {
            random: StdRng::seed_from_u64(seed),
            aside: StdRng::seed_from_u64(!seed),
            reasons: StdRng::seed_from_u64(seed.rotate_left(32)),
            mood,
            approached: None,
        }
    }

    /// The running number of the next one that an evaluator approaches.
    pub fn contact_no(&mut self) -> ContactNo {
        let next = self.approached.map_or(ContactNo::FIRST, ContactNo::next);
        self.approached = Some(next);
        next
    }

    /// Sixteen bytes for ids and salts of invented answers.
    pub fn bytes(&mut self) -> [u8; 16] {
        self.random.random()
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u32) -> u32 {
        self.random.random_range(0..end.max(1))
    }

    /// Whether something that happens to this share of people happens.
    pub fn happens(&mut self, share: f64) -> bool {
        self.random.random_bool(share)
    }

    /// From where somebody answers: mostly a mobile network.
    pub fn address(&mut self) -> IpAddr {
        let [a, b, c]: [u8; 3] = self.aside.random();
        Ipv4Addr::new(117, a, b, c).into()
    }

    /// What somebody's browser calls itself.
    pub fn browser(&mut self) -> String {
        format!("Mozilla/5.0 (phone of kind {})", self.aside.random_range(0..40))
    }

    /// Which services somebody used.
    pub fn services(&mut self, questionnaire: &Questionnaire) -> ServiceSet {
        let mut draw = self.below(100);
        let options = &questionnaire.screening().service_options;
        for (share, services) in VISITS {
            if draw < share {
                let places = services
                    .iter()
                    .filter_map(|id| options.iter().position(|option| option.id == *id));
                return places.fold(ServiceSet::default(), ServiceSet::with);
            }
            draw -= share;
        }
        ServiceSet::default().with(0)
    }

    /// A filled-in rating form.
    pub fn form(
        &mut self,
        questionnaire: &Questionnaire,
        class: EvidenceClass,
        services: ServiceSet,
        months: &[String],
    ) -> RawForm {
        // Customers differ more than their single answers do.
        let own = self.mood + self.random.random_range(-0.22..0.16) - if self.happens(0.05) { 0.45 } else { 0.0 };
        let hurried = class != EvidenceClass::Face && self.happens(0.03);
        let mut pairs = vec![(questionnaire.overall().id.clone(), self.code(own).to_string())];
        for item in questionnaire.items().iter().filter(|item| item.applies(services)) {
            let left_out = self.happens(if hurried { 0.7 } else { 0.02 });
            if !left_out {
                let code = if self.happens(0.06) { 0 } else { self.code(own) };
                pairs.push((item.id.clone(), code.to_string()));
                if questionnaire.scale().is_low(code) {
                    pairs.extend(self.why(questionnaire, item));
                }
            }
        }
        let fields = questionnaire.fields();
        let month = self.below(3) as usize;
        pairs.extend(
            months
                .get(month)
                .map(|month| (fields.service_month.id.clone(), month.clone())),
        );
        let kind = if self.happens(0.9) { "home" } else { "business" };
        pairs.push((fields.customer_type.0.id.clone(), kind.into()));
        let integrity = if class == EvidenceClass::Open && self.happens(0.03) {
            "asked_high"
        } else {
            "none"
        };
        pairs.push((fields.integrity.0.id.clone(), integrity.into()));
        if fields.complaint_fee_services.meets(services) {
            pairs.push((
                fields.complaint_fee.0.id.clone(),
                if self.happens(0.1) { "yes" } else { "no" }.into(),
            ));
        }
        if self.happens(0.12) {
            let said = self.below(COMMENTS.len() as u32) as usize;
            pairs.push((fields.comment.0.id.clone(), self.comment(said)));
        }
        RawForm::new(pairs)
    }

    /// A reason for a low rating, as most people give one; the first ones of a list are the most common.
    fn why(&mut self, questionnaire: &Questionnaire, item: &Item) -> Option<(String, String)> {
        let (asked, reasons) = (questionnaire.low_rating()?, questionnaire.low_reasons(item));
        let draw: f64 = self.reasons.random_range(0.0..1.4);
        let place = (draw * draw * reasons.len() as f64) as usize;
        let reason = reasons.get(place)?;
        Some((asked.id.clone(), low_reason_name(item, reason)))
    }

    /// One of the comments in somebody's own words.
    fn comment(&mut self, said: usize) -> String {
        let [begin, end] = [OPENINGS, ENDINGS].map(|texts| self.aside.random_range(0..texts.len()));
        let words = [OPENINGS.get(begin), COMMENTS.get(said), ENDINGS.get(end)];
        words.into_iter().flatten().copied().collect()
    }

    fn code(&mut self, satisfaction: f64) -> u8 {
        let felt = satisfaction + self.random.random_range(-0.16..0.16);
        match felt {
            f if f > 0.80 => 5,
            f if f > 0.58 => 4,
            f if f > 0.42 => 3,
            f if f > 0.26 => 2,
            _ => 1,
        }
    }
}
