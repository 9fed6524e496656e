//! Who is evaluated and where: the invented facts of the example.

use crate::survey::evaluation::Mode;

/// An evaluation of the example.
pub(super) struct Plot {
    pub(super) firm: (&'static str, &'static str),
    pub(super) title: (&'static str, &'static str),
    pub(super) mode: Mode,
    pub(super) scope: &'static str,
    pub(super) products: &'static [(&'static str, &'static str, &'static str)],
    pub(super) outlets: &'static [(&'static str, &'static str, i64)],
    /// Answers per outlet: in person, invited, open.
    pub(super) answers: [u32; 3],
    /// Mood per channel: in person, invited, open.
    pub(super) moods: [f64; 3],
    /// Fieldwork began and ended so many days ago; an open one has not ended.
    pub(super) days_ago: (i64, Option<i64>),
    pub(super) seed: u64,
    /// How the outlets to visit were drawn; all of them are visited where they were not.
    pub(super) draw: Option<Lot>,
}

/// A draw of outlets.
pub(super) struct Lot {
    /// Chosen for their risk, by place.
    pub(super) by_risk: &'static [usize],
    pub(super) reason: &'static str,
    pub(super) at_random: u64,
    pub(super) seed: &'static str,
}

pub(super) const APPLIANCES: Plot = Plot {
    firm: ("海晴电器有限公司", "Haiqing Appliances Co., Ltd"),
    title: ("2026 年度评价", "Evaluation 2026"),
    mode: Mode::Surveillance,
    scope: "家用冰箱、空调、洗衣机的安装、维修、保养和退换货服务（上海市）",
    products: &[
        ("fridge", "冰箱", "Refrigerator"),
        ("aircon", "空调", "Air conditioner"),
        ("washer", "洗衣机", "Washing machine"),
    ],
    outlets: &[
        ("浦东世纪大道服务网点", "Pudong Century Avenue", 480),
        ("静安南京西路服务网点", "Jing'an West Nanjing Road", 397),
        ("徐汇漕溪北路服务网点", "Xuhui North Caoxi Road", 356),
        ("杨浦五角场服务网点", "Yangpu Wujiaochang", 301),
        ("闵行莘庄服务网点", "Minhang Xinzhuang", 288),
        ("宝山友谊路服务网点", "Baoshan Youyi Road", 214),
        ("嘉定安亭服务网点", "Jiading Anting", 176),
        ("松江新城服务网点", "Songjiang New Town", 143),
    ],
    answers: [17, 52, 44],
    moods: [0.93, 0.88, 0.84],
    days_ago: (62, Some(20)),
    seed: 20_260_901,
    draw: None,
};

/// The year before, when the appliance maker was certified, with fewer answers.
pub(super) const APPLIANCES_BEFORE: Plot = Plot {
    title: ("2025 年度初次评价", "First evaluation 2025"),
    mode: Mode::Initial,
    answers: [12, 14, 12],
    moods: [0.95, 0.91, 0.88],
    days_ago: (400, Some(360)),
    seed: 20_250_901,
    ..APPLIANCES
};

pub(super) const FURNITURE: Plot = Plot {
    firm: ("安居家具股份有限公司", "Anju Furniture Corp."),
    title: ("2026 年度初次评价", "First evaluation 2026"),
    mode: Mode::Initial,
    scope: "定制衣柜、整体橱柜、床与床垫的配送、安装、维修和投诉处理服务（广州市）",
    products: &[
        ("wardrobe", "定制衣柜", "Fitted wardrobe"),
        ("kitchen", "整体橱柜", "Fitted kitchen"),
        ("bed", "床与床垫", "Bed and mattress"),
    ],
    outlets: &[
        ("天河体育西服务中心", "Tianhe Tiyu West", 322),
        ("越秀北京路服务中心", "Yuexiu Beijing Road", 268),
        ("海珠江南西服务中心", "Haizhu Jiangnan West", 241),
        ("番禺市桥服务中心", "Panyu Shiqiao", 190),
        ("白云新市服务中心", "Baiyun Xinshi", 155),
        ("南沙金洲服务中心", "Nansha Jinzhou", 64),
        ("从化街口服务中心", "Conghua Jiekou", 38),
        ("增城荔城服务中心", "Zengcheng Licheng", 41),
    ],
    answers: [18, 52, 46],
    moods: [0.84, 0.80, 0.82],
    days_ago: (12, None),
    seed: 20_261_112,
    draw: Some(Lot {
        by_risk: &[2, 5],
        reason: "海珠投诉多，南沙新设 / complaints at Haizhu, Nansha is new",
        at_random: 4,
        seed: "福彩双色球 03 08 17 21 28 33 + 09",
    }),
};
