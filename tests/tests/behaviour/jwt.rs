//! The signed token under an independent library: crate `jsonwebtoken`, with the key that the service gets.

use std::collections::BTreeSet;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};
use trust_lite::functions::*;
use trust_lite::tables::DelegationTokens;
use uuid::Uuid;

use crate::support::{Cell, MEMBER, SERVICE, World, only};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    sub: Uuid,
    aud: String,
    jti: Uuid,
    iat: i64,
    exp: i64,
    scopes: Vec<String>,
    tenant: Uuid,
}

fn validation(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_audience(&[SERVICE]);
    validation.set_issuer(&["trust-lite"]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.leeway = 0;
    validation
}

pub async fn every_algorithm(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team_without_key().await;
    for (name, algorithm) in [("HS256", Algorithm::HS256), ("HS384", Algorithm::HS384), ("HS512", Algorithm::HS512)] {
        let id = team.owner.call(RotateServiceKeyV1::new(team.tenant, SERVICE).with_algorithm(name)).await;
        let request = IssueDelegationTokenV1::new(SERVICE, vec!["dm:read".to_owned(), "calls:answer".to_owned()]).with_expires_minutes(7);
        let issued = only(team.member.call(request).await);

        let header = decode_header(&issued.token).expect("the header is readable");
        assert_eq!((header.alg, header.kid.as_deref(), header.typ.as_deref()), (algorithm, Some(id.as_str()), Some("JWT")));
        let key = only(world.service.call(GetServiceKeyV1::new(team.tenant, SERVICE, id.clone())).await);
        let decoding = DecodingKey::from_secret(&key.key_material);
        let claims = decode::<Claims>(&issued.token, &decoding, &validation(algorithm)).expect("the token verifies").claims;
        let stored: DelegationTokens = world.operator.row(&format!("key_id = '{id}'")).await;
        assert_eq!((claims.iss.as_str(), claims.sub, claims.aud.as_str(), claims.tenant), ("trust-lite", MEMBER, SERVICE, team.tenant));
        assert_eq!((claims.jti, claims.iat, claims.exp), (stored.jti, stored.issued_at.as_second(), stored.expires_at.as_second()));
        assert_eq!((claims.exp, claims.exp - claims.iat), (issued.expires_at.as_second(), 7 * 60));
        assert_eq!(claims.scopes, ["dm:read", "calls:answer"]);

        // The library refuses what was changed, another key, another algorithm and another audience.
        let refused = |token: &str, key: &DecodingKey, validation: &Validation| {
            decode::<Claims>(token, key, validation).expect_err("it must not verify").into_kind()
        };
        let mut parts: Vec<String> = issued.token.split('.').map(str::to_owned).collect();
        parts[1] = swap_first(&parts[1]);
        assert!(matches!(refused(&parts.join("."), &decoding, &validation(algorithm)), ErrorKind::InvalidSignature));
        let other = DecodingKey::from_secret(&vec![7; key.key_material.len()]);
        assert!(matches!(refused(&issued.token, &other, &validation(algorithm)), ErrorKind::InvalidSignature));
        let another = if algorithm == Algorithm::HS256 { Algorithm::HS512 } else { Algorithm::HS256 };
        assert!(matches!(refused(&issued.token, &decoding, &validation(another)), ErrorKind::InvalidAlgorithm));
        let mut elsewhere = validation(algorithm);
        elsewhere.set_audience(&["another-service"]);
        assert!(matches!(refused(&issued.token, &decoding, &elsewhere), ErrorKind::InvalidAudience));

        // A service that holds the key can sign, but what the database has not issued it does not accept.
        let mut header = Header::new(algorithm);
        header.kid = Some(id);
        let forged = Claims { scopes: vec!["admin:users".to_owned()], jti: Uuid::from_u128(77), ..claims };
        let forged = encode(&header, &forged, &EncodingKey::from_secret(&key.key_material)).expect("it is signed");
        decode::<Claims>(&forged, &decoding, &validation(algorithm)).expect("the signature is right");
        assert_eq!(world.service.refused(ValidateDelegationTokenV1::new(forged)).await, "token_invalid");
        only(world.service.call(ValidateDelegationTokenV1::new(issued.token)).await);
    }
}

fn swap_first(text: &str) -> String {
    let (first, rest) = text.split_at(1);
    format!("{}{rest}", if first == "e" { "f" } else { "e" })
}

/// Tokens and keys do not repeat.
pub async fn nothing_repeats(cell: Cell) {
    let world = World::open(cell).await;
    let team = world.team().await;
    let turn = team.member.open().await;
    let mut tokens = BTreeSet::new();
    for _ in 0..10 {
        tokens.insert(only(turn.call(team.issuing()).await).token);
    }
    turn.end("commit").await;
    assert_eq!(tokens.len(), 10, "of one instant, with the same claims but for jti");
    assert_eq!(world.operator.count("select count(distinct jti) from public.delegation_tokens").await, 10);
}
