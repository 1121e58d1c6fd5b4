// Makes the checkout ready to run: installs what package-lock.json names, and checks the runtime. Written for Node 20,
// since on a new machine it runs before the pinned runtime is there. Says nothing when nothing is to do.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const stampFile = join(modules, ".quorate-ready");
const lockFile = join(root, ".quorate", "install.pid");
const pinnedNode = join(modules, ".bin", "node");
const NEEDS = [24, 12];

function say(text) {
  process.stderr.write(`quorate: ${text}\n`);
}

/** Ends with status 5: something about this machine or checkout has to change first. */
function refuse(text) {
  say(text);
  process.exit(5);
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** What node_modules should hold, in one line: the lockfile, and the machine it was resolved for. */
function wantedStamp() {
  let lock;
  try {
    lock = readFileSync(join(root, "package-lock.json"));
  } catch {
    refuse("package-lock.json is missing, so what to install is not known. Restore it: git checkout package-lock.json");
  }
  return `${createHash("sha256").update(lock).digest("hex")} ${process.platform} ${process.arch}\n`;
}

function isStamped(stamp) {
  return existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp;
}

/** Whether someone ran `npm install` by hand: npm's own record in node_modules then equals the lockfile. */
function isInstalledByHand() {
  const wanted = readJson(join(root, "package-lock.json"))?.packages;
  const have = readJson(join(modules, ".package-lock.json"))?.packages;
  if (wanted === undefined || have === undefined) return false;
  const same = (a, b) => a.version === b.version && a.integrity === b.integrity && a.link === b.link;
  return (
    Object.keys(have).every((name) => name in wanted) &&
    Object.entries(wanted).every(([name, entry]) =>
      name === "" ? true : name in have ? same(entry, have[name]) : entry.optional === true,
    )
  );
}

/** A room that is new here needs a link and no installation. @returns whether there was nothing else to do */
function linkRooms() {
  const wanted = readJson(join(root, "package-lock.json"))?.packages;
  const have = readJson(join(modules, ".package-lock.json"))?.packages;
  if (wanted === undefined || have === undefined) return false;
  const isRoom = (name) => name.startsWith("packages/") || name.startsWith("node_modules/@quorate/");
  const same = (a, b) => a.version === b.version && a.integrity === b.integrity;
  const fits = Object.entries(wanted).every(([name, entry]) => {
    if (name === "" || isRoom(name)) return true;
    return name in have ? same(entry, have[name]) : entry.optional === true;
  });
  if (!fits || !Object.keys(have).every((name) => name in wanted)) return false;
  for (const [name, { link, resolved }] of Object.entries(wanted)) {
    const path = join(root, name);
    if (link === true && !existsSync(path)) symlinkSync(relative(dirname(path), join(root, resolved)), path, "dir");
  }
  return true;
}

function refuseUnderRunningNetwork() {
  const pid = readJson(join(root, ".quorate", "up.json"))?.pid;
  if (!isAlive(pid)) return;
  refuse(
    `dependencies changed, but a network (pid ${pid}) runs on the installed ones. Stop it first: npx quorate down`,
  );
}

/** One installation at a time: the lock is a file that holds its owner's pid, created whole by `link`. */
async function takeLock(stamp) {
  mkdirSync(dirname(lockFile), { recursive: true });
  const mine = `${lockFile}.${process.pid}`;
  writeFileSync(mine, `${process.pid}`);
  let told = false;
  try {
    for (;;) {
      try {
        linkSync(mine, lockFile);
        return;
      } catch (error) {
        if (error.code !== "EEXIST") throw error;
      }
      const owner = readJson(lockFile);
      if (owner !== undefined && !isAlive(owner)) {
        rmSync(lockFile, { force: true });
        continue;
      }
      if (!told) say(`another run (pid ${owner}) is installing; waiting for it`);
      told = true;
      await new Promise((resume) => setTimeout(resume, 200));
      if (isStamped(stamp)) return;
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function releaseLock() {
  if (readJson(lockFile) === process.pid) rmSync(lockFile, { force: true });
}

/** npm runs on the Node that the machine has, not on the one that it is about to replace. */
function machinePath() {
  const bin = join(modules, ".bin");
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((entry) => entry !== bin)
    .join(delimiter);
}

function install() {
  const first = !existsSync(modules);
  say(`${first ? "first run" : "package-lock.json changed"}: installing dependencies (npm ci)`);
  rmSync(stampFile, { force: true });
  const started = Date.now();
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, PATH: machinePath() },
  });
  if (npm.error !== undefined)
    refuse(`npm could not be started (${npm.error.code}). Install Node 20 or newer with npm.`);
  if (npm.status !== 0) {
    refuse(
      `npm ci failed (${npm.signal ?? `status ${npm.status}`}); its words are above. ` +
        "Nothing was started. If it could not reach the registry, run the same command again when it can; " +
        "if package-lock.json is out of step, run: npm install",
    );
  }
  say(`installed in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function isRecent(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return major > NEEDS[0] || (major === NEEDS[0] && minor >= NEEDS[1]);
}

/** npm puts node_modules/.bin first on PATH: what stands there is what runs the scripts. */
function checkRuntime() {
  const needs = `Quorate needs Node ${NEEDS.join(".")} or newer`;
  if (!existsSync(pinnedNode)) {
    if (isRecent(process.version)) return;
    refuse(
      `${needs}; this is ${process.version}, and no pinned runtime exists for ${process.platform} ${process.arch}. ` +
        "Install a newer Node and run the same command again.",
    );
  }
  const { status, stdout } = spawnSync(pinnedNode, ["--version"], { encoding: "utf8" });
  if (status === 0 && isRecent(stdout.trim())) return;
  rmSync(stampFile, { force: true });
  rmSync(pinnedNode, { force: true }); // it would shadow a working Node
  if (isRecent(process.version)) return say(`the pinned runtime does not run here; using Node ${process.version}`);
  refuse(`${needs}; the pinned runtime does not run on this machine, and its own is ${process.version}.`);
}

const stamp = wantedStamp();
if (!isStamped(stamp)) {
  refuseUnderRunningNetwork();
  await takeLock(stamp);
  process.on("exit", releaseLock);
  if (!isStamped(stamp)) {
    if (!isInstalledByHand() && !linkRooms()) install();
    checkRuntime();
    writeFileSync(stampFile, stamp);
  }
} else if (!isRecent(process.version)) {
  checkRuntime();
}
