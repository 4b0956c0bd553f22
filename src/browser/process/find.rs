//! Where the browser and its driver are on this machine, and whether they fit together.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;

use super::LaunchError;

const BROWSER_NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const BROWSER_USUAL: [&str; 5] = [
    "/usr/lib/chromium/chromium",
    "/usr/lib/chromium-browser/chromium-browser",
    "/opt/google/chrome/chrome",
    "/usr/bin/chromium",
    "/snap/bin/chromium",
];
const DRIVER_NAMES: [&str; 1] = ["chromedriver"];
const DRIVER_USUAL: [&str; 3] =
    ["/usr/bin/chromedriver", "/usr/lib/chromium-browser/chromedriver", "/usr/local/bin/chromedriver"];
const VERSION_TIMEOUT: Duration = Duration::from_secs(15);

/// Where the config says to look; what it leaves open is looked for in `PATH` and the usual places.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The browser binary.
    pub browser: Option<PathBuf>,
    /// The chromedriver binary.
    pub driver: Option<PathBuf>,
}

/// A browser and a driver of the same major version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The browser binary; past the distribution's shell wrapper where there is one.
    pub browser: PathBuf,
    /// Its full version, such as `156.0.7512.20`.
    pub browser_version: String,
    /// The driver binary.
    pub driver: PathBuf,
    /// Its full version.
    pub driver_version: String,
}

/// Finds both and compares their major versions. Starts each once with `--version`: keep the answer.
pub async fn find_installed(places: &Places) -> Result<Installed, LaunchError> {
    let search =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let browser = find(places.browser.as_deref(), &search, &BROWSER_NAMES, &BROWSER_USUAL)
        .map_err(|places| LaunchError::BrowserMissing { places })?;
    let browser = past_wrapper(browser);
    let driver = find(places.driver.as_deref(), &search, &DRIVER_NAMES, &DRIVER_USUAL)
        .map_err(|places| LaunchError::DriverMissing { places })?;
    let (browser_version, driver_version) = tokio::try_join!(version_of(&browser), version_of(&driver))?;
    if major(&browser_version) != major(&driver_version) {
        return Err(LaunchError::VersionMismatch { browser: browser_version, driver: driver_version });
    }
    Ok(Installed { browser, browser_version, driver, driver_version })
}

/// A path from the config must exist: falling back to another browser would surprise.
fn find(given: Option<&Path>, search: &[PathBuf], names: &[&str], usual: &[&str]) -> Result<PathBuf, String> {
    if let Some(given) = given {
        return if given.is_file() {
            Ok(given.to_owned())
        } else {
            Err(format!("`{}` (from the config)", given.display()))
        };
    }
    let on_path = names.iter().flat_map(|name| search.iter().map(move |dir| dir.join(name)));
    let mut candidates = on_path.chain(usual.iter().map(PathBuf::from));
    candidates
        .find(|path| path.is_file())
        .ok_or_else(|| format!("PATH ({}) and {}", names.join(", "), usual.join(", ")))
}

/// Debian's `chromium` and Google's `google-chrome` are shell scripts that start the binary; a shell between
/// the driver and the browser only costs time and a process.
fn past_wrapper(path: PathBuf) -> PathBuf {
    if !is_script(&path) {
        return path;
    }
    let real = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
    let beside = real.parent().into_iter().flat_map(|dir| [dir.join("chrome"), dir.join("chromium")]);
    let lib = path.file_name().map(|name| Path::new("/usr/lib").join(name).join(name));
    let mut candidates = beside.chain(lib).filter(|candidate| *candidate != real && *candidate != path);
    candidates.find(|candidate| candidate.is_file() && !is_script(candidate)).unwrap_or(path)
}

fn is_script(path: &Path) -> bool {
    let mut start = [0; 2];
    File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == *b"#!"
}

async fn version_of(path: &Path) -> Result<String, LaunchError> {
    let unusable = |why: String| LaunchError::Unusable { path: path.to_owned(), why };
    let answer = Command::new(path).arg("--version").kill_on_drop(true).output();
    let answer = tokio::time::timeout(VERSION_TIMEOUT, answer).await;
    let answer = answer.map_err(|_| unusable(format!("silent for {} s", VERSION_TIMEOUT.as_secs())))?;
    let answer = answer.map_err(|trouble| unusable(trouble.to_string()))?;
    let text = String::from_utf8_lossy(&answer.stdout);
    version_in(&text).ok_or_else(|| unusable(format!("it printed {:?}", text.chars().take(200).collect::<String>())))
}

fn version_in(text: &str) -> Option<String> {
    let is_version = |word: &&str| word.contains('.') && word.split('.').all(|part| part.parse::<u32>().is_ok());
    text.split_whitespace().find(is_version).map(str::to_owned)
}

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    fn plant(dir: &Path, name: &str, text: &str) -> PathBuf {
        let path = dir.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn versions_are_read_from_what_both_print() {
        let check = |text, expected: Option<&str>| assert_eq!(version_in(text).as_deref(), expected, "{text}");
        check("Chromium 156.0.7512.20 built on Debian GNU/Linux 12 (bookworm)\n", Some("156.0.7512.20"));
        check("Google Chrome 156.0.7512.20 \n", Some("156.0.7512.20"));
        check("ChromeDriver 156.0.7512.20 (abc-refs/heads/1@{#2})\n", Some("156.0.7512.20"));
        check("command not found.", None);
    }

    #[test]
    fn config_wins_then_path_then_the_usual_places() {
        let dir = tempfile::tempdir().unwrap();
        let on_path = plant(dir.path(), "chromium", "\u{7f}ELF");
        let search = [dir.path().to_owned()];
        assert_eq!(find(None, &search, &BROWSER_NAMES, &[]), Ok(on_path.clone()));
        assert_eq!(find(Some(&on_path), &[], &BROWSER_NAMES, &[]), Ok(on_path.clone()));
        assert_eq!(find(None, &[], &BROWSER_NAMES, &[on_path.to_str().unwrap()]), Ok(on_path));
        assert!(find(Some(Path::new("/none")), &search, &BROWSER_NAMES, &[]).unwrap_err().contains("config"));
        assert!(find(None, &[], &BROWSER_NAMES, &[]).unwrap_err().contains("PATH"));
    }

    #[test]
    fn a_wrapper_gives_way_to_the_binary_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let script = plant(dir.path(), "google-chrome", "#!/bin/sh\nexec chrome\n");
        assert_eq!(past_wrapper(script.clone()), script, "no binary, so the script stays");
        let binary = plant(dir.path(), "chrome", "\u{7f}ELF");
        let link = dir.path().join("google-chrome-stable");
        symlink(&script, &link).unwrap();
        let real = std::fs::canonicalize(binary).unwrap();
        assert_eq!(past_wrapper(link), real);
    }

    #[tokio::test]
    async fn a_mismatch_and_a_mute_binary_say_so() {
        let dir = tempfile::tempdir().unwrap();
        let browser = plant(dir.path(), "b", "#!/bin/sh\necho Chromium 156.0.1.2\n");
        let driver = plant(dir.path(), "d", "#!/bin/sh\necho ChromeDriver 155.0.1.2\n");
        let mute = plant(dir.path(), "m", "#!/bin/sh\nexit 1\n");
        let places = |driver: &Path| Places { browser: Some(browser.clone()), driver: Some(driver.to_owned()) };
        let mismatch = find_installed(&places(&driver)).await.unwrap_err();
        assert!(matches!(mismatch, LaunchError::VersionMismatch { .. }), "{mismatch}");
        assert!(matches!(find_installed(&places(&mute)).await.unwrap_err(), LaunchError::Unusable { .. }));
    }
}
