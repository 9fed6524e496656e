//! A few drawn people of the open evaluation, invented like everybody in the example: the page of invitations shows what would
//! go out to them. Without a mail server nothing does.

use crate::app::Installation;
use crate::personal::DataKey;
use crate::store::recipient::{self, NewRecipient};
use crate::store::{StoreError, outlet};
use crate::survey::id::{EvaluationId, LinkId};
use crate::survey::language::Language;

const PEOPLE: [(&str, &str, Language); 6] = [
    ("李文静", "li.wenjing@mail.example", Language::ZhCn),
    ("王建国", "wang.jianguo@mail.example", Language::ZhCn),
    ("Maria Keller", "m.keller@post.example", Language::En),
    ("张晓燕", "zhang.xiaoyan@mail.example", Language::ZhCn),
    ("陈立", "chen.li@post.example", Language::ZhCn),
    ("刘洋", "liu.yang@mail.example", Language::ZhCn),
];

/// Draws them.
pub(super) fn draw(installation: &Installation, evaluation: EvaluationId) -> Result<(), StoreError> {
    let server = installation.key.clone();
    installation.store.write_blocking(move |tx| {
        let (list, key) = (format!("{:032x}", rand::random::<u128>()), DataKey::random());
        recipient::add_key(tx, &server, &list, &key)?;
        let outlets = outlet::list(tx.conn, evaluation)?;
        for ((name, email, language), outlet) in PEOPLE.into_iter().zip(outlets.iter().cycle()) {
            let new = NewRecipient {
                id: format!("{:032x}", rand::random::<u128>()),
                list: list.clone(),
                outlet: outlet.id,
                language,
                email: email.to_owned(),
                name: Some(name.to_owned()),
                link: LinkId::from_random(rand::random()),
            };
            recipient::add(tx, evaluation, &new, &server, &key)?;
        }
        Ok(())
    })
}
