//! The secret that encrypts key material.

use trust_schema::live::server::Regime;

use crate::support::deployed;

#[tokio::test]
async fn a_short_secret_of_vault_counts_as_none_and_key_material_is_not_stretched() {
    let (database, client) = deployed(Regime::Hardened).await;
    let vault = database.connect_as_administrator().await.unwrap();
    let secrets =
        "create schema vault; create table vault.decrypted_secrets (name text, decrypted_secret text, created_at timestamptz default now());
                   grant usage on schema vault to sb_postgres; grant select on vault.decrypted_secrets to sb_postgres;
                   insert into vault.decrypted_secrets (name, decrypted_secret) values ('trust_encryption_key_default', repeat('a', 31))";
    vault.batch_execute(secrets).await.unwrap();
    let round_trip = "select trust_private.decrypt_key_material(trust_private.encrypt_key_material('\\xabcd', 'default'), 'default')";
    let error = client.query_one(round_trip, &[]).await.unwrap_err();
    assert_eq!(error.as_db_error().map(|error| error.message()), Some("encryption_key_not_configured"));
    vault.batch_execute("update vault.decrypted_secrets set decrypted_secret = repeat('a', 32)").await.unwrap();
    assert_eq!(client.query_one(round_trip, &[]).await.unwrap().get::<_, Vec<u8>>(0), [0xab, 0xcd]);
    // What an earlier version encrypted, with stretching, is still read.
    let earlier = "select trust_private.decrypt_key_material(extensions.pgp_sym_encrypt_bytea('\\xabcd', repeat('a', 32), 'cipher-algo=aes256, compress-algo=0'), 'default')";
    assert_eq!(client.query_one(earlier, &[]).await.unwrap().get::<_, Vec<u8>>(0), [0xab, 0xcd]);
    // RFC 4880, 5.3 and 3.7.1.3: packet, version, cipher, S2K 3, digest, eight bytes of salt, then the coded count: 0x00 is 1024.
    let count = "select get_byte(trust_private.encrypt_key_material('\\xabcd', 'default'), 14)";
    assert_eq!(client.query_one(count, &[]).await.unwrap().get::<_, i32>(0), 0);
}
