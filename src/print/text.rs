//! Lines of text: set by parley, drawn by krilla.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use krilla::color::rgb;
use krilla::geom::Point;
use krilla::num::NormalizedF32;
use krilla::paint::{Fill, FillRule, Paint};
use krilla::surface::Surface;
use krilla::text::{Font, GlyphId, KrillaGlyph};
use parley::style::{FontFamily, FontFamilyName, FontWeight, LineHeight, StyleProperty};
use parley::{FontContext, Layout, LayoutContext};

use super::PrintError;
use super::fonts;
use crate::survey::language::Language;

/// A colour: red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ink(pub u8, pub u8, pub u8);

impl From<Ink> for Paint {
    fn from(ink: Ink) -> Self {
        rgb::Color::new(ink.0, ink.1, ink.2).into()
    }
}

pub(super) const BLACK: Ink = Ink(0x1a, 0x20, 0x29);
pub(super) const GREY: Ink = Ink(0x58, 0x62, 0x70);
pub(super) const BLUE: Ink = Ink(0x1f, 0x4e, 0x8c);

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Style {
    /// Size, pt.
    pub size: f32,
    pub bold: bool,
    pub ink: Ink,
}

pub(super) const BODY: Style = Style {
    size: 9.5,
    bold: false,
    ink: BLACK,
};
pub(super) const SMALL: Style = Style {
    size: 7.5,
    bold: false,
    ink: GREY,
};

/// A text broken into lines.
pub(super) struct Paragraph {
    text: String,
    layout: Layout<()>,
    style: Style,
}

impl Paragraph {
    /// Its height, pt.
    pub(super) fn height(&self) -> f32 {
        self.layout.height()
    }

    /// Its width, pt.
    pub(super) fn width(&self) -> f32 {
        self.layout.width()
    }
}

/// Fonts, and what sets and draws with them.
pub(super) struct Press {
    fonts: FontContext,
    layouts: LayoutContext<()>,
    family: &'static str,
    language: Language,
    known: HashMap<(u64, u32), Option<Font>>,
    missing: Option<String>,
}

impl Press {
    /// With the fonts of the system.
    ///
    /// # Errors
    /// [`PrintError::NoFont`].
    pub(super) fn new(language: Language) -> Result<Self, PrintError> {
        let (fonts, family) = fonts::find().ok_or(PrintError::NoFont)?;
        Ok(Self {
            fonts,
            layouts: LayoutContext::new(),
            family,
            language,
            known: HashMap::new(),
            missing: None,
        })
    }

    /// The language of the texts.
    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// The first text with a letter that no font has.
    pub(super) fn missing(&self) -> Option<&str> {
        self.missing.as_deref()
    }

    fn layout(&mut self, text: &str, style: Style) -> Layout<()> {
        let mut builder = self.layouts.ranged_builder(&mut self.fonts, text, 1.0, false);
        let family = FontFamily::Single(FontFamilyName::Named(Cow::Borrowed(self.family)));
        builder.push_default(StyleProperty::FontFamily(family));
        builder.push_default(StyleProperty::FontSize(style.size));
        builder.push_default(StyleProperty::LineHeight(LineHeight::FontSizeRelative(1.5)));
        builder.push_default(StyleProperty::OverflowWrap(parley::style::OverflowWrap::Anywhere));
        if style.bold {
            builder.push_default(StyleProperty::FontWeight(FontWeight::BOLD));
        }
        if let Ok(locale) = parley::style::Language::parse(self.language.tag()) {
            builder.push_default(StyleProperty::Locale(Some(locale)));
        }
        builder.build(text)
    }

    /// Fonts for Chinese have the curly apostrophe as wide as a letter, which tears English words apart.
    fn narrow<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.language {
            Language::En if text.contains('’') => Cow::Owned(text.replace('’', "'")),
            _ => Cow::Borrowed(text),
        }
    }

    /// Sets a text into lines of at most this width, pt.
    pub(super) fn set(&mut self, text: &str, style: Style, width: f32) -> Rc<Paragraph> {
        let text = &*self.narrow(text);
        let mut layout = self.layout(text, style);
        layout.break_all_lines(Some(width.max(1.0)));
        self.look_for_gaps(&layout, text);
        Rc::new(Paragraph {
            text: text.to_owned(),
            layout,
            style,
        })
    }

    fn look_for_gaps(&mut self, layout: &Layout<()>, text: &str) {
        let gap = |cluster: parley::Cluster<'_, ()>| {
            let visible = text
                .get(cluster.text_range())
                .is_some_and(|letters| !letters.chars().all(char::is_whitespace));
            visible && cluster.glyphs().any(|glyph| glyph.id == 0)
        };
        let mut runs = layout.lines().flat_map(|line| line.runs().collect::<Vec<_>>());
        if self.missing.is_none() && runs.any(|run| run.clusters().any(gap)) {
            self.missing = Some(text.to_owned());
        }
    }

    /// The widths of a text's longest unbreakable piece and of the whole in one line, pt.
    pub(super) fn widths(&mut self, text: &str, style: Style) -> (f32, f32) {
        let text = &*self.narrow(text);
        let widths = self.layout(text, style).calculate_content_widths();
        (widths.min, widths.max)
    }

    /// Draws a paragraph with its upper left corner here; `end`: lines end at this distance to the right.
    pub(super) fn draw(
        &mut self,
        surface: &mut Surface<'_>,
        paragraph: &Paragraph,
        (x, y): (f32, f32),
        end: Option<f32>,
    ) {
        surface.set_stroke(None);
        surface.set_fill(Some(Fill {
            paint: paragraph.style.ink.into(),
            opacity: NormalizedF32::ONE,
            rule: FillRule::default(),
        }));
        for line in paragraph.layout.lines() {
            let metrics = line.metrics();
            let mut at = x + end.map_or(0.0, |width| width - metrics.advance + metrics.hanging_advance);
            let baseline = y + metrics.baseline;
            for run in line.runs() {
                let font = run.font().clone();
                let (data, id) = font.data.into_raw_parts();
                let known = self
                    .known
                    .entry((id, font.index))
                    .or_insert_with(|| Font::new(data.into(), font.index));
                let Some(known) = known.clone() else { continue };
                let size = run.font_size();
                let start = at;
                let mut glyphs: Vec<KrillaGlyph> = Vec::new();
                for cluster in run.visual_clusters() {
                    if cluster.is_ligature_continuation() {
                        if let Some(glyph) = glyphs.last_mut() {
                            glyph.text_range.end = cluster.text_range().end;
                        }
                        continue;
                    }
                    for glyph in cluster.glyphs() {
                        glyphs.push(KrillaGlyph::new(
                            GlyphId::new(glyph.id),
                            glyph.advance / size,
                            glyph.x / size,
                            glyph.y / size,
                            0.0,
                            cluster.text_range(),
                            None,
                        ));
                        at += glyph.advance;
                    }
                }
                if !glyphs.is_empty() {
                    surface.draw_glyphs(
                        Point::from_xy(start, baseline),
                        &glyphs,
                        known,
                        &paragraph.text,
                        size,
                        false,
                    );
                }
            }
        }
    }
}
