//! Functions: with whose rights they run, and by which search path they find what they name.

use trust_schema::catalog::{Id, Object};
use trust_schema::kinds::function::Security;

use super::Weaker;

/// Search paths that find what somebody else made.
const PATHS: [(&str, &str); 4] = [
    ("search_path led by schema public", "public, pg_temp"),
    ("search_path with public in front of pg_catalog", "public, pg_catalog, pg_temp"),
    ("search_path led by pg_temp", "pg_temp, pg_catalog"),
    ("search_path without pg_temp", "pg_catalog"),
];

pub fn weaker(id: &Id, object: &Object, mutants: &mut Vec<Weaker>) {
    match object {
        Object::Function(function) => {
            if function.security == Security::Definer {
                let mut unpinned = function.clone();
                unpinned.settings.clear();
                mutants.push(Weaker::changed("search_path unset", id, Object::Function(unpinned)));
                for (operator, path) in PATHS {
                    let mut writable = function.clone();
                    writable.settings.insert("search_path".to_owned(), path.to_owned());
                    mutants.push(Weaker::changed(operator, id, Object::Function(writable)));
                }
            } else {
                let mut definer = function.clone();
                definer.security = Security::Definer;
                mutants.push(Weaker::changed("invoker made definer", id, Object::Function(definer)));
            }
        }
        Object::View(view) if view.security_invoker => {
            let mut open = view.clone();
            open.security_invoker = false;
            mutants.push(Weaker::changed("security_invoker off", id, Object::View(open)));
        }
        _ => {}
    }
}
