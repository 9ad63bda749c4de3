//! `trust.toml`: the project.

use trust_macros::Spec;

use super::extension::ExtensionSpec;
use super::external::ExternalSpec;
use super::lint::LintSpec;
use super::release::ReleaseSpec;
use super::role::{OwnerSpec, RoleSpec};
use super::schema::SchemaSpec;
use super::tenancy::TenancySpec;
use crate::spec::{Entries, Text};

/// The file `trust.toml`.
#[derive(Debug, Clone, Spec)]
pub struct ProjectSpec {
    /// The project.
    pub project: ProjectHead,
    /// Schemas that the spec creates, in its first migration.
    #[spec(default)]
    pub schema: Entries<SchemaSpec>,
    /// Extensions that the platform brings.
    #[spec(default)]
    pub extension: Entries<ExtensionSpec>,
    /// Roles that the platform brings, beyond those of `platform`.
    #[spec(default)]
    pub role: Entries<RoleSpec>,
    /// What is known of the role that deploys; the platform's own by default.
    pub owner: Option<OwnerSpec>,
    /// Objects that others own and that the spec refers to.
    #[spec(default)]
    pub external: ExternalSpec,
    /// What a tenant is.
    pub tenancy: Option<TenancySpec>,
    /// How grave each rule of `lint` is, and what is waived.
    #[spec(default)]
    pub lint: LintSpec,
    /// What comes after a release.
    pub release: Option<ReleaseSpec>,
}

/// The project.
#[derive(Debug, Clone, Spec)]
pub struct ProjectHead {
    /// Its name.
    pub name: Text,
    /// What it is, in one sentence.
    pub summary: Option<Text>,
    /// Where it runs.
    pub platform: Platform,
    /// The schema for what the compiler itself adds: monitors and the functions behind append-only tables.
    pub private_schema: Option<Text>,
}

/// What a platform brings: roles, schemas, tables and functions that a spec may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Spec)]
pub enum Platform {
    /// Supabase: the roles anon, authenticated and service_role, the schemas auth and extensions.
    Supabase,
    /// PostgreSQL alone: roles and everything else are declared in `trust.toml`.
    Postgresql,
}

/// What a platform brings, as a file of the compiler itself.
#[derive(Debug, Clone, Default, Spec)]
pub struct PlatformSpec {
    /// Roles.
    #[spec(default)]
    pub role: Entries<RoleSpec>,
    /// The role that deploys.
    pub owner: Option<OwnerSpec>,
    /// Objects.
    #[spec(default)]
    pub external: ExternalSpec,
}
