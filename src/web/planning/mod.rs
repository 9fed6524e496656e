//! Around the plan: outlets drawn, deviations, plates in the field, how far customers come on each way in.

pub mod deviation;
pub mod draw;
pub mod funnel;
pub mod posting;

use std::collections::BTreeMap;

use crate::store::{Conn, StoreError, person};

/// Names of actors by their ids.
type Actors = BTreeMap<String, String>;

fn actors(conn: &mut Conn) -> Result<Actors, StoreError> {
    let names = person::all_names(conn)?.into_iter();
    Ok(names.map(|(id, name)| (id.to_string(), name)).collect())
}
