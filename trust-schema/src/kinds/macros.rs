//! The two lists of `kinds` in code.

/// The kinds of the Catalog: `Kind`, `Object`, and their dispatch.
macro_rules! kinds {
    ($($variant:ident($word:literal) = $path:path),* $(,)?) => {
        /// A kind of object.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $($variant),* }

        impl Kind {
            pub const ALL: &'static [Kind] = &[$(Kind::$variant),*];

            /// PostgreSQL's word for it.
            pub fn word(self) -> &'static str {
                match self { $(Kind::$variant => $word),* }
            }

            /// See [`ObjectKind::INTROSPECTION`].
            pub fn introspection(self) -> &'static str {
                match self { $(Kind::$variant => <$path as ObjectKind>::INTROSPECTION),* }
            }

            /// Reads an object of this kind from what its introspection query returned.
            pub fn from_payload(self, payload: serde_json::Value) -> Result<Object, serde_json::Error> {
                match self { $(Kind::$variant => serde_json::from_value::<$path>(payload).map(Object::$variant)),* }
            }
        }

        /// An object of any kind.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        pub enum Object { $($variant($path)),* }

        // serde's own way reads everything into a tree before it looks for the tag: three times the work, and a release holds every object.
        // Here the tag comes first, as it is written.
        impl<'de> Deserialize<'de> for Object {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Object, D::Error> {
                #[derive(Deserialize)]
                #[serde(rename_all = "snake_case")]
                enum Tag { $($variant),* }

                #[derive(Deserialize)]
                #[serde(field_identifier, rename_all = "snake_case")]
                enum First { Kind }

                struct Tagged;

                impl<'de> serde::de::Visitor<'de> for Tagged {
                    type Value = Object;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        formatter.write_str("an object that begins with its `kind`")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                        let Some((First::Kind, tag)) = map.next_entry()? else { return Err(serde::de::Error::missing_field("kind")) };
                        let rest = serde::de::value::MapAccessDeserializer::new(map);
                        match tag { $(Tag::$variant => <$path as Deserialize>::deserialize(rest).map(Object::$variant)),* }
                    }
                }

                deserializer.deserialize_map(Tagged)
            }
        }

        impl Object {
            pub fn kind(&self) -> Kind {
                match self { $(Object::$variant(_) => Kind::$variant),* }
            }
            pub fn id(&self) -> Id {
                match self { $(Object::$variant(object) => object.id()),* }
            }
            /// See [`ObjectKind::create`].
            pub fn create(&self, context: &statement::Context<'_>) -> Vec<String> {
                match self { $(Object::$variant(object) => object.create(context)),* }
            }
            /// See [`ObjectKind::drop`].
            pub fn drop(&self, context: &statement::Context<'_>) -> Vec<String> {
                match self { $(Object::$variant(object) => object.drop(context)),* }
            }
            /// See [`ObjectKind::alter`].
            pub fn alter(&self, before: &Object, context: &statement::Context<'_>) -> Option<Vec<alteration::Alteration>> {
                match (self, before) {
                    $((Object::$variant(object), Object::$variant(before)) => object.alter(before, context),)*
                    _ => None,
                }
            }
            /// See [`ObjectKind::parents`].
            pub fn parents(&self) -> Vec<Id> {
                match self { $(Object::$variant(object) => object.parents()),* }
            }
            /// See [`ObjectKind::expressions`].
            pub fn expressions(&mut self, visit: &mut dyn FnMut(&mut Expression)) {
                match self { $(Object::$variant(object) => object.expressions(visit)),* }
            }
            /// Replaces the SQL expressions by a mark, so that values from a spec and from a server can be compared in everything else.
            pub fn mask_expressions(&mut self) {
                self.expressions(&mut Expression::mask);
            }
            /// See [`ObjectKind::rename`].
            pub fn rename(&mut self, names: &renaming::Renaming, related: &[QualifiedName]) {
                match self { $(Object::$variant(object) => object.rename(names, related)),* }
            }
        }

        $(impl From<$path> for Object {
            fn from(object: $path) -> Object {
                Object::$variant(object)
            }
        })*
    };
}

/// The sections of a module file, in the order in which they are read.
macro_rules! sections {
    ($(#[$outer:meta])* pub struct $name:ident { $($(#[doc = $doc:literal])+ $(#[key = $key:literal])? $field:ident: $path:path,)* }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Spec)]
        pub struct $name {
            /// The module's head.
            pub module: ModuleHead,
            $($(#[doc = $doc])+ $(#[spec(key = $key)])? #[spec(default)] pub $field: Entries<$path>,)*
        }

        impl $name {
            /// First pass over all sections.
            pub fn declare(&self, declaring: &mut Declaring<'_>) {
                $(self.$field.declare(declaring);)*
            }
            /// Second pass over all sections.
            pub fn lower(&self, lowering: &mut Lowering<'_>) {
                $(self.$field.lower(lowering);)*
            }
        }
    };
}

pub(super) use {kinds, sections};
