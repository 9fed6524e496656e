//! Finding a font with Chinese letters on the system.

use parley::FontContext;
use parley::fontique::{Attributes, QueryFamily, QueryStatus};

/// Families with all letters of names, the better ones first.
const FAMILIES: [&str; 12] = [
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Microsoft YaHei",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Serif CJK SC",
    "SimSun",
    "Droid Sans Fallback",
];
/// Where fonts lie when the system's list of them cannot be asked.
const FOLDERS: [&str; 3] = ["/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts"];
/// A letter that only fonts for simplified Chinese have.
const SAMPLE: char = '顾';

/// The fonts of the system, and the family to print with.
pub(super) fn find() -> Option<(FontContext, &'static str)> {
    let mut fonts = FontContext::new();
    if let Some(family) = usable(&mut fonts) {
        return Some((fonts, family));
    }
    fonts.collection.load_fonts_from_paths(FOLDERS);
    usable(&mut fonts).map(|family| (fonts, family))
}

fn usable(fonts: &mut FontContext) -> Option<&'static str> {
    FAMILIES.into_iter().find(|name| {
        if fonts.collection.family_id(name).is_none() {
            return false;
        }
        let mut query = fonts.collection.query(&mut fonts.source_cache);
        query.set_families([QueryFamily::Named(name)]);
        query.set_attributes(Attributes::default());
        let mut has = false;
        query.matches_with(|font| {
            has = font
                .charmap()
                .is_some_and(|map| map.map(SAMPLE).is_some_and(|glyph| glyph != 0));
            QueryStatus::Stop
        });
        has
    })
}
