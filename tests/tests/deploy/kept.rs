//! What a database should hold is kept between verifications: it is found for just what it was built for, and only as it was left.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tests::postgres;
use trust_schema::live::deploy::migration::System;
use trust_schema::live::drift::{Kept, Subject, build as build_expected, compare, look};
use trust_schema::live::server::{Regime, Target};

use crate::drift::{full_database, subject};
use crate::support::{connection, system};

fn files(cache: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(cache.join("expected")) else { return Vec::new() };
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

#[tokio::test]
async fn it_is_found_for_just_what_it_was_built_for_and_only_as_it_was_left() {
    let cluster = postgres::cluster(postgres::any_major());
    let database = full_database(Regime::Hardened).await;
    let there = connection(&cluster, &database);
    let look_at = async |subject: &Subject<'_>| look(&there, subject).await.unwrap_or_else(|stop| panic!("{stop}"));
    let subject = subject(false);
    let seen = look_at(&subject).await;
    let target = Target::Cluster(Box::new(postgres::own_cluster(seen.server.major)));
    let expected = build_expected(&seen, &target, &subject).await.unwrap_or_else(|stop| panic!("{stop}"));
    let builder = target.version().to_owned();
    let cache = tempfile::tempdir().expect("a folder");
    let kept = Kept::in_cache(cache.path());
    assert!(kept.find(&builder, &seen, &subject).is_none());
    kept.keep(&expected, &builder, &seen, &subject);
    let found = kept.find(&builder, &seen, &subject).expect("it was kept");

    // It says the same as what was built, of a database that is as it should be and of one that is not.
    let administrator = database.connect_as_administrator().await.expect("a session");
    for change in
        ["select", "alter table public.tenants disable row level security; grant select on public.tenants to anon; drop view if exists nothing"]
    {
        administrator.batch_execute(change).await.expect(change);
        let [with_built, with_kept] = [compare(look_at(&subject).await, &expected, &subject), compare(look_at(&subject).await, &found, &subject)];
        assert_eq!(format!("{:#?}", with_built.drifts), format!("{:#?}", with_kept.drifts));
        assert_eq!(with_kept.drifts.is_empty(), change == "select", "{:#?}", with_kept.drifts);
    }

    // Other migrations, extensions or versions of the server are another question.
    let fewer = System { migrations: system().migrations[1..].to_vec(), ..system().clone() };
    let mut more = system().clone();
    more.migrations[0].file.text.push(' ');
    let mut extended = system().clone();
    extended.extensions.push(("citext".to_owned(), "extensions".to_owned()));
    for other in [&fewer, &more, &extended] {
        let other = Subject { system: other, ..self::subject(false) };
        assert!(kept.find(&builder, &look_at(&other).await, &other).is_none());
    }
    let mut upgraded = look_at(&subject).await;
    upgraded.server.version.push_str(".1");
    assert!(kept.find(&builder, &upgraded, &subject).is_none());
    assert!(kept.find("15.99", &seen, &subject).is_none(), "another server prints otherwise");

    // Damage of every kind.
    let [file] = files(cache.path()).try_into().expect("one file");
    let whole = fs::read(&file).expect("it is read");
    let mut damaged: Vec<Vec<u8>> = [0, 1, 63, 64, 65, whole.len() / 2, whole.len() - 1].iter().map(|length| whole[..*length].to_vec()).collect();
    for place in (0..whole.len()).step_by(whole.len() / 50) {
        let mut other = whole.clone();
        other[place] ^= 1;
        damaged.push(other);
    }
    damaged.push([whole.clone(), b" ".to_vec()].concat());
    damaged.push(vec![0xff; 1000]);
    for text in damaged {
        fs::write(&file, &text).expect("it is written");
        assert!(kept.find(&builder, &seen, &subject).is_none(), "{} of {} bytes", text.len(), whole.len());
    }
    fs::write(&file, &whole).expect("it is written");
    assert!(kept.find(&builder, &seen, &subject).is_some());

    // Under the name of another question it is no answer.
    kept.keep(&expected, &builder, &upgraded, &subject);
    let other = files(cache.path()).into_iter().find(|other| *other != file).expect("another file");
    fs::copy(&file, &other).expect("it is copied");
    assert!(kept.find(&builder, &upgraded, &subject).is_none());
    fs::remove_file(&other).expect("it is removed");

    // What others may write is not believed.
    for mode in [0o620, 0o602, 0o666] {
        fs::set_permissions(&file, Permissions::from_mode(mode)).expect("permissions");
        assert!(kept.find(&builder, &seen, &subject).is_none(), "{mode:o}");
    }
    fs::remove_file(&file).expect("it is removed");

    // What others put beside it stays.
    fs::create_dir(cache.path().join("expected/folder.kept")).expect("a folder");
    fs::write(cache.path().join("expected/notes.txt"), "mine").expect("a file");
    // It does not grow for ever, and what nobody can write is built again each time.
    for number in 0..20 {
        upgraded.server.version = number.to_string();
        kept.keep(&expected, &builder, &upgraded, &subject);
        assert!(kept.find(&builder, &upgraded, &subject).is_some());
    }
    assert_eq!(files(cache.path()).len(), 8 + 2);
    let nowhere = Kept::in_cache(&cache.path().join("expected/notes.txt"));
    nowhere.keep(&expected, &builder, &seen, &subject);
    assert!(nowhere.find(&builder, &seen, &subject).is_none());
}
