pub fn emit(_: &super::sql::Surroundings<'_>, _: &mut super::Files) {}
