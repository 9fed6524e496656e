//! The program itself, as a process: what somebody types into a terminal.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::{Customer, await_until};

/// The program with arguments, in a folder of its own, free of the environment's settings.
pub fn perception(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perception"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PERCEPTION_") || name == "RUST_LOG" {
            command.env_remove(name);
        }
    }
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    command
}

/// A serving program; killed when dropped.
pub struct Program {
    child: Child,
    /// What its ready file says.
    pub ready: Value,
}

impl Program {
    /// Starts `serve` or `demo` on a free port and waits for its ready file.
    pub fn start(folder: &Path, arguments: &[&str], limit: Duration) -> Self {
        let file = folder.join(format!("ready-{:016x}.json", rand::random::<u64>()));
        let log = folder.join("program.log");
        let errors = std::fs::File::options().create(true).append(true).open(&log).unwrap();
        let child = perception(folder, arguments)
            .args(["--listen", "127.0.0.1:0", "--ready-file"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(errors)
            .spawn()
            .unwrap();
        let mut program = Self {
            child,
            ready: Value::Null,
        };
        await_until(limit, "the ready file is there", || {
            let ended = program.child.try_wait().unwrap();
            assert!(
                ended.is_none(),
                "{arguments:?} ended with {ended:?}: {}",
                std::fs::read_to_string(&log).unwrap()
            );
            file.exists()
        });
        // Written under another name and renamed: what is there is whole.
        program.ready = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        program
    }

    /// Address of the server.
    pub fn base(&self) -> &str {
        self.ready["base_url"].as_str().unwrap()
    }

    /// A customer of this server.
    pub fn customer(&self) -> Customer {
        Customer::at(self.base())
    }

    /// kill -9.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// What a service manager does: asks the program to end, and waits.
    pub fn stop(mut self) -> ExitStatus {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(asked.success());
        let mut ended = None;
        await_until(Duration::from_secs(15), "the program ends when asked to", || {
            ended = self.child.try_wait().unwrap();
            ended.is_some()
        });
        ended.unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What a command printed, for messages.
pub fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!(
        "{}\nstdout: {}\nstderr: {}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    )
}
