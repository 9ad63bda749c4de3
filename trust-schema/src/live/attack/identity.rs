//! Who tries something.

use super::world::{Side, World};
use crate::live::server::{API_ROLES, DEPLOYER, Platform};
use crate::resolve::Resolution;

/// How a session comes to be of its role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// The superuser of the throw-away server.
    Administrator,
    /// A login of the role itself.
    As(String),
    /// The gateway's login, which changes to the role for each request.
    Gateway(String),
}

/// A role with the claims of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub name: String,
    pub role: String,
    pub login: Login,
    /// Settings of the transaction.
    pub settings: Vec<(&'static str, String)>,
    /// Whose rows it may see, besides shared ones.
    pub sides: Vec<Side>,
    /// Whether it tries every form; what differs in its claims alone tries the plain ones.
    pub every_form: bool,
}

const CLAIMS: &str = "request.jwt.claims";
/// What older gateways set; `auth.uid()` prefers it.
const LEGACY_SUB: &str = "request.jwt.claim.sub";

impl Identity {
    fn new(name: &str, role: &str, login: Login, sides: &[Side]) -> Identity {
        Identity { name: name.to_owned(), role: role.to_owned(), login, settings: Vec::new(), sides: sides.to_vec(), every_form: true }
    }

    /// The superuser.
    pub fn administrator() -> Identity {
        Identity::new("administrator", "administrator", Login::Administrator, &Side::ALL)
    }

    /// Whoever owns what the migrations made.
    pub fn operator(platform: Platform) -> Identity {
        match platform {
            Platform::Supabase(_) => Identity::new("operator", DEPLOYER, Login::As(DEPLOYER.to_owned()), &Side::ALL),
            Platform::Plain => Identity::administrator(),
        }
    }

    /// A role without claims.
    pub fn role(role: &str, platform: Platform, sides: &[Side]) -> Identity {
        let login = match platform {
            Platform::Supabase(_) if API_ROLES.contains(&role) => Login::Gateway(role.to_owned()),
            _ => Login::As(role.to_owned()),
        };
        Identity::new(role, role, login, sides)
    }

    /// The same role after a login of its own, without a gateway.
    pub fn raw(&self) -> Identity {
        Identity { login: Login::As(self.role.clone()), name: format!("{}, logged in itself", self.name), ..self.clone() }
    }

    fn with(&self, name: &str, claims: &str, sides: &[Side]) -> Identity {
        let settings = vec![(CLAIMS, claims.to_owned()), (LEGACY_SUB, String::new())];
        Identity { name: name.to_owned(), settings, sides: sides.to_vec(), ..self.clone() }
    }

    /// A signed-in user.
    pub fn user(role: &Identity, name: &str, user: &str, sides: &[Side]) -> Identity {
        role.with(name, &format!(r#"{{"sub": "{user}", "role": "{}"}}"#, role.role), sides)
    }
}

/// The role under which signed-in users come, if the platform has one.
pub fn user_role(resolution: &Resolution, platform: Platform) -> Option<Identity> {
    let supabase = matches!(platform, Platform::Supabase(_));
    let role = resolution.project.api_roles.iter().find(|role| supabase && *role == "authenticated")?;
    Some(Identity::role(role, platform, &[]))
}

/// Roles of the API that are trusted with all rows: they bypass row-level security on the platform itself.
pub fn is_trusted(role: &str) -> bool {
    role == "service_role"
}

/// Everything that claims can be, malformed ones included, for a world's attackers (security reference, section 5, point 6).
pub fn matrix(role: &Identity, world: &World) -> Vec<Identity> {
    let (own, third, foreign) = (world.side(Side::Own), world.side(Side::Third), world.side(Side::Foreign));
    let (Some(me), Some(victim)) = (own.users.first(), foreign.users.first()) else { return Vec::new() };
    let tenant = foreign.tenants.first().map(String::as_str).unwrap_or_default();
    let mut all: Vec<Identity> = own
        .users
        .iter()
        .enumerate()
        .map(|(number, user)| Identity::user(role, &format!("user {} of tenant A", number + 1), user, &[Side::Own]))
        .collect();
    let raw = |name: &str, claims: String, sides: &[Side]| role.with(name, &claims, sides);
    let with_me = |name: &str, more: String| raw(name, format!(r#"{{"sub": "{me}", {more}}}"#), &[Side::Own]);
    all.extend([
        Identity { name: "no claims".to_owned(), ..role.clone() },
        raw("empty claims", String::new(), &[]),
        raw("an empty object as claims", "{}".to_owned(), &[]),
        raw("claims that are no JSON", "not json".to_owned(), &[]),
        raw("claims that are an array", format!(r#"[{{"sub": "{victim}"}}]"#), &[]),
        raw("claims that are a string", format!(r#""{victim}""#), &[]),
        raw("a sub of null", r#"{"sub": null}"#.to_owned(), &[]),
        raw("a sub that is no uuid", r#"{"sub": "not a uuid"}"#.to_owned(), &[]),
        raw("a sub that is an array", format!(r#"{{"sub": ["{victim}"]}}"#), &[]),
        raw("a sub that is an object", format!(r#"{{"sub": {{"sub": "{victim}"}}}}"#), &[]),
        raw("a sub with a blank behind it", format!(r#"{{"sub": "{victim} x"}}"#), &[]),
        raw("the claims of an anon key", r#"{"role": "anon", "iss": "supabase"}"#.to_owned(), &[]),
        raw("an anonymous sign-in", format!(r#"{{"sub": "{}", "role": "{}", "is_anonymous": true}}"#, world.stranger, role.role), &[]),
        raw("a user of no tenant", format!(r#"{{"sub": "{}", "role": "{}"}}"#, world.stranger, role.role), &[]),
        with_me("claims that name service_role", r#""role": "service_role""#.to_owned()),
        with_me("claims that name the owner", format!(r#""role": "{DEPLOYER}""#)),
        with_me("a tenant claim of tenant B", format!(r#""tenant_id": "{tenant}", "app_metadata": {{"tenant_id": "{tenant}"}}"#)),
        with_me("an array of tenants as claim", format!(r#""app_metadata": {{"tenant_id": ["{tenant}"], "tenants": ["{tenant}"]}}"#)),
        with_me("user metadata that name tenant B", format!(r#""user_metadata": {{"tenant_id": "{tenant}", "role": "owner"}}"#)),
        raw("a member of tenants A and C", format!(r#"{{"sub": "{}", "role": "{}"}}"#, world.member_of_two, role.role), &[Side::Own, Side::Third]),
    ]);
    let mut legacy = raw("the older claim alone", String::new(), &[Side::Own]);
    legacy.settings = vec![(CLAIMS, String::new()), (LEGACY_SUB, me.clone())];
    let mut contradiction = raw("two claims that contradict each other", String::new(), &[Side::Own, Side::Third]);
    let other = third.users.first().unwrap_or(me);
    contradiction.settings = vec![(CLAIMS, format!(r#"{{"sub": "{other}"}}"#)), (LEGACY_SUB, me.clone())];
    all.extend([legacy, contradiction]);
    for identity in &mut all {
        identity.every_form = claims_are_plain(identity);
    }
    all
}

/// Whether the claims are what a gateway sends for a signed-in user, and nothing else.
fn claims_are_plain(identity: &Identity) -> bool {
    let plain = |claims: &str| {
        claims.matches(':').count() == 2 && claims.starts_with(r#"{"sub": ""#) && claims.contains(&format!(r#""role": "{}""#, identity.role))
    };
    identity.settings.iter().any(|(setting, claims)| *setting == CLAIMS && plain(claims))
}
