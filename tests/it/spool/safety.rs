//! What is in a spool's files, and who may read and write them.

use std::collections::BTreeMap;

use super::*;

#[test]
fn the_key_is_nowhere_in_it() {
    let case = Case::new();
    let client = case.stranded();
    emit(&client, 0..3);
    client.set_api_key("another-secret-key").unwrap();
    emit(&client, 3..5);
    drop(client);
    let all: Vec<u8> = case.files().iter().flat_map(|path| std::fs::read(path).unwrap()).collect();
    assert!(all.windows(14).any(|window| window == b"report_created"));
    for key in [case.key.secret(), "another-secret-key"] {
        for part in key.as_bytes().windows(8) {
            assert!(!all.windows(part.len()).any(|window| window == part));
        }
    }
}

#[cfg(unix)]
#[test]
fn its_files_are_their_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let case = Case::new();
    case.leave(3);
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&case.dir()), mode(&case.root())), (0o700, 0o700));
    for file in case.files() {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
        assert_eq!(mode(file.parent().unwrap()), 0o700);
    }
}

#[cfg(unix)]
#[test]
fn a_directory_that_is_not_safe_is_refused() {
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let refused = |dir: PathBuf| {
        let error = Client::new(Config::new("key").endpoint(nowhere()).spool(&dir)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnusableSpool);
        assert!(error.to_string().contains(dir.to_str().unwrap()), "{error}");
        error.to_string()
    };
    std::fs::create_dir(path("target")).unwrap();
    symlink(path("target"), path("link")).unwrap();
    assert!(refused(path("link")).contains("symbolic link"));
    std::fs::write(path("file"), "").unwrap();
    assert!(refused(path("file")).contains("not a directory"));
    std::fs::create_dir(path("open")).unwrap();
    std::fs::set_permissions(path("open"), std::fs::Permissions::from_mode(0o777)).unwrap();
    assert!(refused(path("open")).contains("chmod 700"));
    refused(path("file").join("below"));
    // Only an administrator can give something away.
    std::fs::create_dir(path("foreign")).unwrap();
    if chown(path("foreign"), Some(12_345), None).is_ok() {
        assert!(refused(path("foreign")).contains("another user"));
        assert!(path("foreign").read_dir().unwrap().next().is_none());
    }
}

#[cfg(unix)]
#[test]
fn what_others_plant_in_it_is_left_alone() {
    use std::os::unix::fs::{chown, symlink};
    let case = Case::new();
    case.leave(3);
    let own = case.only();
    let elsewhere = case.folder.path().join("elsewhere");
    std::fs::rename(&own, &elsewhere).unwrap();
    symlink(&elsewhere, &own).unwrap();
    assert_eq!(case.taken_over(), 0, "a link is not followed");
    std::fs::remove_file(&own).unwrap();
    std::fs::rename(&elsewhere, &own).unwrap();
    if chown(&own, Some(12_345), None).is_ok() {
        assert_eq!(case.taken_over(), 0, "another user's");
        chown(
            &own,
            Some(
                own.parent().unwrap().metadata().map(|of| std::os::unix::fs::MetadataExt::uid(&of)).unwrap(),
            ),
            None,
        )
        .unwrap();
    }
    assert_eq!(case.taken_over(), 3);
}

/// Every file and directory below one, with what is in it.
fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in dir.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
            found.insert(path, Vec::new());
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.insert(path, bytes);
        }
    }
    found
}

/// Files of an application in its directory, and files beside the spool in ours.
#[test]
fn what_is_not_proved_to_be_ours_is_left_alone() {
    let case = Case::new();
    case.leave(3);
    let own = case.only();
    let name = own.file_name().unwrap().to_str().unwrap().to_owned();
    let other = |path: PathBuf, files: &[&str]| {
        std::fs::create_dir_all(&path).unwrap();
        files.iter().for_each(|file| std::fs::write(path.join(file), "somebody else's").unwrap());
    };
    let all = ["lock", "cursor", "cursor.new", "0000000000000000.log", "file"];
    for parent in [case.dir(), case.root()] {
        other(parent.join("empty"), &[]);
        other(parent.join("half"), &["lock"]);
        other(parent.join("00000001-0000000000000001"), &all);
        other(parent.join("00000001-0000000000000001-00000000"), &[]);
        std::fs::write(parent.join("lock"), "").unwrap();
        std::fs::write(parent.join("cursor"), "").unwrap();
    }
    // A name of ours, where it is not ours, and with a lock that is not.
    other(case.dir().join(&name), &all);
    other(case.dir().join("elsewhere"), &[]);
    std::fs::rename(&own, case.dir().join("elsewhere").join(&name)).unwrap();
    other(own, &all);

    let before = contents(&case.dir());
    let client = case.client();
    emit(&client, [7]);
    assert!(client.flush(LONG));
    drop(client);
    assert_eq!(case.numbers(), [7]);
    assert_eq!(contents(&case.dir()), before);
}

/// Files beside those of the spool, in a client's own directory.
#[test]
fn what_others_put_into_a_client_s_directory_stays() {
    let case = Case::new();
    case.leave(3);
    let own = case.only();
    for file in ["cursor", "00000000000000ff.log", "file"] {
        std::fs::write(own.join(file), "somebody else's").unwrap();
    }
    let client = case.client();
    assert!(client.flush(LONG));
    drop(client);
    assert_eq!(case.numbers(), [0, 1, 2]);
    for file in ["cursor", "00000000000000ff.log", "file"] {
        assert_eq!(std::fs::read(own.join(file)).unwrap(), b"somebody else's");
    }
    assert_eq!(case.taken_over(), 0);
}

#[test]
fn a_configuration_of_nothing_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = || Config::new("key").endpoint(nowhere()).spool(folder.path().join("spool"));
    for config in [config().spool_bytes(0), config().spool_max_age(Duration::ZERO)] {
        assert_eq!(Client::new(config).unwrap_err().kind(), ErrorKind::InvalidLimit);
    }
}
