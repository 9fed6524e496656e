//! Item cross sums (T5) for Cronbach's alpha: pairwise, and listwise per scale.
//!
//! Rows are gathered in blocks and added column against column, eight rows at a time.

use std::borrow::Cow;

use wide::{i16x8, i32x4};

/// Rows of a block. A rating is at most 253, so sums of 256 products stay below 2^31.
const BLOCK: usize = 256;

/// Sums over the rows where both items of a pair are rated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PairSums {
    /// Rows with both.
    pub n: u64,
    /// Σ of the first item's codes.
    pub x: u64,
    /// Σ of the second item's codes.
    pub y: u64,
    /// Σ of the products.
    pub xy: u64,
}

/// Sums over the rows where every item of a scale is rated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ListwiseSums {
    /// Complete rows.
    pub n: u64,
    /// Σ codes of each item.
    pub x: Vec<u64>,
    /// Σ squared codes, all items together.
    pub xx: u64,
    /// Σ squared row totals.
    pub tt: u64,
}

/// Cross sums of all items.
#[derive(Debug, Clone)]
pub(crate) struct Pairs {
    items: usize,
    scales: Vec<Vec<usize>>,
    /// Codes of rows not yet added, row by row, 0 for what is not a rating.
    waiting: Vec<u8>,
    pairs: Vec<PairSums>,
    listwise: Vec<ListwiseSums>,
}

/// Codes of a block for one item, 0 for what is not a rating.
type Column = [i16; BLOCK];

/// A count of ratings above 16 bits that hold the sum of their codes: at most 256 · 253 in a block.
#[derive(Debug, Clone, Copy, Default)]
struct Packed(u32);

impl Packed {
    fn one(code: u8) -> Self {
        Self(u32::from(code) | u32::from(code > 0) << 16)
    }
    fn of(column: &Column) -> Self {
        Self(column.iter().map(|code| Self::one(*code as u8).0).sum())
    }
    fn count(self) -> u64 {
        u64::from(self.0 >> 16)
    }
    fn codes(self) -> u64 {
        u64::from(self.0 & 0xFFFF)
    }
}

fn dot(left: &Column, right: &Column) -> u64 {
    let eights = left.as_chunks().0.iter().zip(right.as_chunks().0);
    let products = eights.map(|(left, right)| i16x8::new(*left).dot(i16x8::new(*right)));
    products.fold(i32x4::ZERO, |sum, more| sum + more).reduce_add() as u64
}

impl Pairs {
    pub(super) fn new(items: usize, scales: Vec<Vec<usize>>) -> Self {
        let listwise = |scale: &Vec<usize>| ListwiseSums {
            x: vec![0; scale.len()],
            ..ListwiseSums::default()
        };
        Self {
            items,
            waiting: Vec::new(),
            pairs: vec![PairSums::default(); items * (items + 1) / 2],
            listwise: scales.iter().map(listwise).collect(),
            scales,
        }
    }

    /// Adds a row; whatever is not a rating must be above every rating or 0.
    pub(super) fn add(&mut self, codes: &[u8]) {
        let rating = |code: &u8| if *code >= super::NOT_SHOWN { 0 } else { *code };
        self.waiting.extend(codes.iter().map(rating));
        if self.waiting.len() >= BLOCK * self.items {
            self.settle();
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (sum, more) in self.pairs.iter_mut().zip(&other.pairs) {
            sum.n += more.n;
            sum.x += more.x;
            sum.y += more.y;
            sum.xy += more.xy;
        }
        for (sum, more) in self.listwise.iter_mut().zip(&other.listwise) {
            sum.n += more.n;
            sum.xx += more.xx;
            sum.tt += more.tt;
            for (x, more) in sum.x.iter_mut().zip(&more.x) {
                *x += more;
            }
        }
        for row in other.waiting.chunks_exact(self.items.max(1)) {
            self.add(row);
        }
    }

    /// Takes rows away that are in it; `false`, and nothing is as it was, when they cannot be.
    pub(super) fn subtract(&mut self, other: &Self) -> bool {
        self.settle();
        let other = other.settled();
        let less = |sum: &mut u64, by: u64| sum.checked_sub(by).map(|left| *sum = left).is_some();
        let pairs = self.pairs.iter_mut().zip(&other.pairs).all(|(sum, by)| {
            less(&mut sum.n, by.n) && less(&mut sum.x, by.x) && less(&mut sum.y, by.y) && less(&mut sum.xy, by.xy)
        });
        let listwise = self.listwise.iter_mut().zip(&other.listwise).all(|(sum, by)| {
            let items = sum.x.iter_mut().zip(&by.x).all(|(x, by)| less(x, *by));
            items && less(&mut sum.n, by.n) && less(&mut sum.xx, by.xx) && less(&mut sum.tt, by.tt)
        });
        pairs && listwise
    }

    /// The sums to be filled in when they are read from a text.
    pub(super) fn sums_mut(&mut self) -> (&mut [PairSums], &mut [ListwiseSums]) {
        (&mut self.pairs, &mut self.listwise)
    }

    /// Adds the rows that wait.
    pub(super) fn settle(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let columns = self.columns();
        let totals: Vec<Packed> = columns.iter().map(Packed::of).collect();
        let beside = self.beside_unrated();
        let lines = beside.chunks_exact(self.items.max(1));
        let lines = columns.iter().zip(&totals).zip(lines).enumerate();
        let mut pairs = self.pairs.iter_mut();
        for (i, ((x, x_all), beside_x)) in lines.clone() {
            for ((j, ((y, y_all), beside_y)), sum) in lines.clone().skip(i).zip(&mut pairs) {
                let x_alone = beside_y.get(i).copied().unwrap_or_default();
                let y_alone = beside_x.get(j).copied().unwrap_or_default();
                sum.n += x_all.count() - x_alone.count();
                sum.x += x_all.codes() - x_alone.codes();
                sum.y += y_all.codes() - y_alone.codes();
                sum.xy += dot(x, y);
            }
        }
        for (scale, sums) in self.scales.iter().zip(&mut self.listwise) {
            add_complete(&columns, scale, sums);
        }
        self.waiting.clear();
    }

    /// For every item, what every item adds up to in the rows where the former is not rated, line by line: few rows, so this
    /// is cheaper than a product of columns.
    fn beside_unrated(&self) -> Vec<Packed> {
        let items = self.items;
        let (mut sums, mut packed) = (vec![Packed::default(); items * items], vec![Packed::default(); items]);
        let (mut begin, mut end) = (0, 0);
        for unrated in memchr::memchr_iter(0, &self.waiting) {
            if unrated >= end {
                begin = unrated - unrated % items;
                end = begin + items;
                let row = self.waiting.get(begin..end).unwrap_or_default();
                let places = packed.iter_mut().zip(row);
                places.for_each(|(place, code)| *place = Packed::one(*code));
            }
            let line = (unrated - begin) * items;
            let line = sums.get_mut(line..line + items).unwrap_or_default();
            line.iter_mut().zip(&packed).for_each(|(sum, more)| sum.0 += more.0);
        }
        sums
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns = vec![[0; BLOCK]; self.items];
        for (row, codes) in self.waiting.chunks_exact(self.items.max(1)).enumerate() {
            for (column, code) in columns.iter_mut().zip(codes) {
                if let Some(place) = column.get_mut(row) {
                    *place = i16::from(*code);
                }
            }
        }
        columns
    }

    /// Every item with itself and every later one, in the order (1,1), (1,2), …, (2,2), ….
    pub fn pairs(&self) -> Vec<PairSums> {
        self.settled().pairs.clone()
    }

    /// Sums over complete rows, by scale.
    pub fn listwise(&self) -> Vec<ListwiseSums> {
        self.settled().listwise.clone()
    }

    fn settled(&self) -> Cow<'_, Self> {
        if self.waiting.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut all = self.clone();
        all.settle();
        Cow::Owned(all)
    }
}

impl PartialEq for Pairs {
    fn eq(&self, other: &Self) -> bool {
        let (one, two) = (self.settled(), other.settled());
        (one.items, &one.scales, &one.pairs, &one.listwise) == (two.items, &two.scales, &two.pairs, &two.listwise)
    }
}

/// Adds the rows of a block in which every item of the scale is rated.
fn add_complete(columns: &[Column], scale: &[usize], sums: &mut ListwiseSums) {
    let own = || scale.iter().filter_map(|item| columns.get(*item));
    let (mut complete, mut totals) = ([i16::from(!scale.is_empty()); BLOCK], [0_u32; BLOCK]);
    for column in own() {
        for ((all, total), code) in complete.iter_mut().zip(&mut totals).zip(column) {
            *all &= i16::from(*code > 0);
            *total += u32::from(*code as u16);
        }
    }
    sums.n += dot(&complete, &complete);
    let squares = complete.iter().zip(totals).map(|(all, total)| {
        let counted = u64::from(total * u32::from(*all as u16));
        counted * counted
    });
    sums.tt += squares.sum::<u64>();
    for (column, x) in own().zip(&mut sums.x) {
        *x += dot(column, &complete);
        let mut counted = *column;
        counted.iter_mut().zip(&complete).for_each(|(code, all)| *code *= all);
        sums.xx += dot(&counted, column);
    }
}
