//! A type that is read is printed in a form that reads as the same type.

#![cfg_attr(feature = "libfuzzer", no_main)]

use trust_schema::sql::type_name::{TypeName, same_type};

fn run(text: &str) {
    let Ok(read) = TypeName::parse(text) else { return };
    let printed = read.to_string();
    match TypeName::parse(&printed) {
        Ok(again) => assert!(same_type(&read, &again), "{text:?} prints as {printed:?}, which is {again:?}"),
        Err(error) => panic!("{text:?} prints as {printed:?}: {error:?}"),
    }
}

trust_schema_fuzz::target!(run);
