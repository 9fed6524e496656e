//! Item cross sums (T5) for Cronbach's alpha: pairwise, and listwise per scale.
//!
//! Rows are gathered in blocks and added column against column, which the compiler turns into vector code.

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

/// Codes of a block by item, and 1 where it is rated.
struct Columns {
    codes: Vec<[i16; BLOCK]>,
    rated: Vec<[i16; BLOCK]>,
}

fn dot(left: &[i16; BLOCK], right: &[i16; BLOCK]) -> u64 {
    let sum: i32 = left.iter().zip(right).map(|(x, y)| i32::from(*x) * i32::from(*y)).sum();
    sum as u64
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

    /// Adds the rows that wait.
    pub(super) fn settle(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let columns = self.columns();
        let mut pairs = self.pairs.iter_mut();
        let items = || columns.codes.iter().zip(&columns.rated);
        for (place, (x, x_rated)) in items().enumerate() {
            for ((y, y_rated), sum) in items().skip(place).zip(&mut pairs) {
                sum.n += dot(x_rated, y_rated);
                sum.x += dot(x, y_rated);
                sum.y += dot(x_rated, y);
                sum.xy += dot(x, y);
            }
        }
        for (scale, sums) in self.scales.iter().zip(&mut self.listwise) {
            columns.add_complete(scale, sums);
        }
        self.waiting.clear();
    }

    fn columns(&self) -> Columns {
        let mut codes = vec![[0_i16; BLOCK]; self.items];
        for (row, line) in self.waiting.chunks_exact(self.items.max(1)).enumerate() {
            for (column, code) in codes.iter_mut().zip(line) {
                if let Some(place) = column.get_mut(row) {
                    *place = i16::from(*code);
                }
            }
        }
        let rated = codes.iter().map(|column| column.map(|code| i16::from(code > 0)));
        Columns {
            rated: rated.collect(),
            codes,
        }
    }

    /// Every item with itself and every later one, in the order (1,1), (1,2), …, (2,2), ….
    pub fn pairs(&self) -> Vec<PairSums> {
        self.settled().pairs
    }

    /// Sums over complete rows, by scale.
    pub fn listwise(&self) -> Vec<ListwiseSums> {
        self.settled().listwise
    }

    fn settled(&self) -> Self {
        let mut all = self.clone();
        all.settle();
        all
    }
}

impl PartialEq for Pairs {
    fn eq(&self, other: &Self) -> bool {
        let (one, two) = (self.settled(), other.settled());
        (one.items, one.scales, one.pairs, one.listwise) == (two.items, two.scales, two.pairs, two.listwise)
    }
}

impl Columns {
    fn add_complete(&self, scale: &[usize], sums: &mut ListwiseSums) {
        let of = |item: &usize| Some((self.codes.get(*item)?, self.rated.get(*item)?));
        let (mut complete, mut totals) = ([i16::from(!scale.is_empty()); BLOCK], [0_u32; BLOCK]);
        for (codes, rated) in scale.iter().filter_map(of) {
            for ((all, total), (code, rated)) in complete.iter_mut().zip(&mut totals).zip(codes.iter().zip(rated)) {
                *all &= *rated;
                *total += u32::from(*code as u16);
            }
        }
        sums.n += dot(&complete, &complete);
        for (all, total) in complete.iter().zip(totals) {
            sums.tt += if *all == 1 {
                u64::from(total) * u64::from(total)
            } else {
                0
            };
        }
        for ((codes, _), x) in scale.iter().filter_map(of).zip(&mut sums.x) {
            *x += dot(codes, &complete);
            let counted: [i16; BLOCK] = std::array::from_fn(|row| match (codes.get(row), complete.get(row)) {
                (Some(code), Some(all)) => code * all,
                _ => 0,
            });
            sums.xx += dot(&counted, codes);
        }
    }
}
