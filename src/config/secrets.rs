//! Where secret references lead: the environment, a file only its owner may read, a command.

use super::value::SecretReference;
use crate::secret::Secret;
use crate::walk::port::Secrets;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The longest secret accepted, in bytes.
const SECRET_BYTES_MAX: u64 = 64 * 1024;
/// How long a command may take to give a secret.
const COMMAND_WITHIN: Duration = Duration::from_secs(10);

/// Resolves references anew at each walk, so that a rotated secret is taken at the next one.
#[derive(Debug, Clone, Default)]
pub struct ReferenceSecrets {
    /// The folder that relative `file:` paths are relative to.
    pub folder: PathBuf,
}

impl Secrets for ReferenceSecrets {
    fn resolve(&self, reference: &str) -> Result<Secret, String> {
        let parsed: SecretReference = reference.parse().map_err(|e: super::value::NotAReference| e.to_string())?;
        let value = match &parsed {
            SecretReference::Env(name) => variable(name)?,
            SecretReference::File(path) => read_file(&self.folder.join(path))?,
            SecretReference::Exec(command) => off_the_runtime(|| read_command(command, COMMAND_WITHIN))?,
        };
        let value = value.strip_suffix('\n').map_or(value.as_str(), |v| v.strip_suffix('\r').unwrap_or(v));
        if value.is_empty() {
            return Err(format!("the secret `{parsed}` is empty"));
        }
        Ok(Secret::new(parsed.to_string(), value))
    }
}

fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("the environment variable `{name}` is not set; set it before starting"))
}

fn read_file(path: &std::path::Path) -> Result<String, String> {
    use std::os::unix::fs::PermissionsExt as _;
    let shown = path.display();
    let file = std::fs::File::open(path).map_err(|e| format!("cannot read the secret file `{shown}`: {e}"))?;
    let mode = file.metadata().map_err(|e| format!("cannot read the secret file `{shown}`: {e}"))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(format!(
            "the secret file `{shown}` can be read by others (mode {:04o}); make it yours alone: chmod 600 {shown}",
            mode & 0o7777
        ));
    }
    let mut text = String::new();
    file.take(SECRET_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|e| format!("cannot read the secret file `{shown}`: {e}"))?;
    Ok(text)
}

/// Runs `command` in a shell. What it prints on its error stream is not repeated: it may hold the secret.
fn read_command(command: &str, within: Duration) -> Result<String, String> {
    let program = command.split_whitespace().next().unwrap_or(command);
    let failed = |why: String| format!("the command `{program} …` gave no secret: {why}");
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // A group of its own, so that it ends with all it started.
        .process_group(0)
        .spawn()
        .map_err(|e| failed(e.to_string()))?;
    let pipe = child.stdout.take().ok_or_else(|| failed("its output could not be read".into()))?;
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let _ = tell.send(pipe.take(SECRET_BYTES_MAX).read_to_string(&mut text).map(|_| text));
    });
    let group = Pid::from_raw(i32::try_from(child.id()).unwrap_or(i32::MAX));
    // Until its output ends: what it left running in the background may hold that open.
    let deadline = Instant::now() + within;
    let read = told.recv_timeout(within);
    let status = loop {
        match child.try_wait() {
            Ok(None) if read.is_ok() && Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
            ended => break ended,
        }
    };
    let _ = killpg(group, Signal::SIGKILL);
    let _ = child.wait();
    let late = || failed(format!("it, or what it left running, took longer than {} s", within.as_secs()));
    let text = read.map_err(|_| late())?;
    let status = status.map_err(|e| failed(e.to_string()))?.ok_or_else(late)?;
    if !status.success() {
        return Err(failed(status.to_string()));
    }
    text.map_err(|e| failed(e.to_string()))
}

/// A command blocks its thread; the runtime is told so that other walks go on.
fn off_the_runtime<T>(work: impl FnOnce() -> T) -> T {
    use tokio::runtime::{Handle, RuntimeFlavor};
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn check(secrets: &ReferenceSecrets, reference: &str, expected: Result<&str, &str>) {
        match (secrets.resolve(reference), expected) {
            (Ok(secret), Ok(value)) => assert_eq!(secret.expose(), value, "{reference}"),
            (Err(said), Err(part)) => assert!(said.contains(part), "{reference}: {said}"),
            (got, expected) => panic!("{reference}: got {got:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn references_lead_to_values() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str, mode: u32| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        write("mine", "s3cret\n", 0o600);
        write("open", "s3cret\n", 0o644);
        write("void", "", 0o600);
        let secrets = ReferenceSecrets { folder: dir.path().to_owned() };
        check(&secrets, "env:CARGO_PKG_NAME", Ok("gengfu"));
        check(&secrets, "env:GENGFU_NO_SUCH", Err("`GENGFU_NO_SUCH` is not set"));
        check(&secrets, "file:mine", Ok("s3cret"));
        check(&secrets, "file:open", Err("chmod 600"));
        check(&secrets, "file:void", Err("is empty"));
        check(&secrets, "file:absent", Err("cannot read"));
        check(&secrets, "exec:printf s3cret", Ok("s3cret"));
        check(&secrets, "exec:echo s3cret >&2; exit 3", Err("gave no secret"));
        // Something in the background that keeps the output open ends with the command.
        let began = Instant::now();
        for hangs in ["printf s3cret; sleep 60 &", "printf s3cret; exec >&-; sleep 60"] {
            let said = read_command(hangs, Duration::from_millis(300)).unwrap_err();
            assert!(said.contains("took longer"), "{hangs}: {said}");
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
        check(&secrets, "s3cret", Err("must be a reference"));
    }
}
