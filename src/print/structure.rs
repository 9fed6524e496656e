//! What the pieces of a report are: headings, paragraphs, tables with their cells, figures with what they show. A reader for
//! the blind goes by this tree and not by places on the page; what belongs to no piece is decoration.

use std::num::NonZeroU16;

use krilla::tagging::{Identifier, TableHeaderScope, Tag, TagGroup, TagKind, TagTree};

use crate::survey::language::Language;

/// What a piece is.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    /// The whole.
    Document,
    /// Level from 1, and the text.
    Heading(u16, String),
    Paragraph,
    Contents,
    ContentsLine,
    Table,
    Head,
    Body,
    Row,
    /// Of the rows below it.
    ColumnName,
    /// Of the cells beside it.
    RowName,
    Cell,
    /// What it shows, in words.
    Figure(String),
}

impl Piece {
    /// Whether it holds text or shapes itself.
    fn holds_content(&self) -> bool {
        !matches!(
            self,
            Self::Document | Self::Contents | Self::Table | Self::Head | Self::Body | Self::Row
        )
    }

    fn tag(&self) -> TagKind {
        match self {
            Self::Document => Tag::Section.into(),
            Self::Heading(level, text) => {
                Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(text.clone())).into()
            }
            Self::Paragraph => Tag::P.into(),
            Self::Contents => Tag::TOC.into(),
            Self::ContentsLine => Tag::TOCI.into(),
            Self::Table => Tag::Table.into(),
            Self::Head => Tag::THead.into(),
            Self::Body => Tag::TBody.into(),
            Self::Row => Tag::TR.into(),
            Self::ColumnName => Tag::TH(TableHeaderScope::Column).into(),
            Self::RowName => Tag::TH(TableHeaderScope::Row).into(),
            Self::Cell => Tag::TD.into(),
            Self::Figure(shows) => Tag::Figure(Some(shows.clone())).into(),
        }
    }
}

/// A piece by its number.
pub(super) type Place = usize;

struct Node {
    piece: Piece,
    children: Vec<Place>,
    content: Vec<Identifier>,
}

/// The pieces of a document in reading order.
pub(super) struct Structure {
    nodes: Vec<Node>,
    /// The pieces that what comes next belongs to, the innermost last.
    open: Vec<Place>,
}

const ROOT: Place = 0;

impl Structure {
    pub(super) fn new() -> Self {
        let root = Node {
            piece: Piece::Document,
            children: Vec::new(),
            content: Vec::new(),
        };
        Self {
            nodes: vec![root],
            open: vec![ROOT],
        }
    }

    /// Begins a piece within the one that is open.
    pub(super) fn open(&mut self, piece: Piece) {
        let place = self.nodes.len();
        let outer = self.open.last().copied().unwrap_or(ROOT);
        self.nodes.push(Node {
            piece,
            children: Vec::new(),
            content: Vec::new(),
        });
        if let Some(outer) = self.nodes.get_mut(outer) {
            outer.children.push(place);
        }
        self.open.push(place);
    }

    /// Ends the innermost piece.
    pub(super) fn close(&mut self) {
        self.open.pop();
    }

    /// The piece that what is drawn now belongs to; nothing = decoration.
    pub(super) fn owner(&self) -> Option<Place> {
        let place = self.open.last().copied()?;
        self.nodes
            .get(place)
            .is_some_and(|node| node.piece.holds_content())
            .then_some(place)
    }

    /// Notes what was drawn of a piece.
    pub(super) fn note(&mut self, owner: Place, drawn: Identifier) {
        if let Some(node) = self.nodes.get_mut(owner) {
            node.content.push(drawn);
        }
    }

    /// The tree for the file.
    pub(super) fn tree(&self, language: Language) -> TagTree {
        let mut tree = TagTree::new().with_lang(Some(language.tag().to_owned()));
        for place in self.nodes.first().into_iter().flat_map(|root| &root.children) {
            if let Some(group) = self.group(*place) {
                tree.push(group);
            }
        }
        tree
    }

    fn group(&self, place: Place) -> Option<TagGroup> {
        let node = self.nodes.get(place)?;
        let mut group = TagGroup::new(node.piece.tag());
        node.content.iter().for_each(|drawn| group.push(*drawn));
        for child in node.children.iter().filter_map(|child| self.group(*child)) {
            group.push(child);
        }
        Some(group)
    }
}
