import { useEffect, useRef, useState } from "react";
import { getBackendURL } from "$/utils/state";

const SERVER_MS = 30_000; // how long the server may take

/** Whether a path stays on this site: "//host" and "/\host" lead elsewhere, and so does either with a tab inside. */
function isLocal(next) {
  if (typeof next !== "string" || !/^\/(?![/\\])/.test(next)) return false;
  return new URL(next, location.origin).origin === location.origin;
}

/** POSTs the fields as JSON. Never rejects: answers {next}, or {errors, message} in words for a person. */
export async function post(action, fields, failureMessage) {
  try {
    const response = await fetch(new URL(action, getBackendURL()), {
      method: "POST",
      credentials: "include", // in development the backend is another origin
      headers: { "Content-Type": "application/json", "X-Requested-With": "singleuse" },
      body: JSON.stringify(fields),
      signal: AbortSignal.timeout(SERVER_MS),
    });
    const { next, errors = {}, message = "" } = await response.json();
    if (response.ok && isLocal(next)) return { next };
    if (!response.ok && (message || Object.keys(errors).length)) return { errors, message };
  } catch {
    // No connection, no answer in time, or an answer that is not ours.
  }
  return { errors: {}, message: failureMessage };
}

/** Shows an error beside its field, or takes it away (""). Answers whether there was a place for it. */
function show(form, name, text) {
  const note = form.querySelector(`#${CSS.escape(`${name}-error`)}`);
  if (note && note.textContent !== String(text)) note.textContent = text;
  for (const control of [...form.elements].filter((each) => each.name === name)) {
    if (text) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
    const described = new Set((control.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
    if (note) control.setAttribute("aria-describedby", [...described.add(note.id)].join(" "));
  }
  return Boolean(note);
}

/** Fills in the browser's time zone, once for each field and never over somebody's choice. */
function fillZones(form, filled) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  for (const field of form.querySelectorAll('[data-browser="time-zone"]')) {
    const options = [...(field.options ?? [{ value: zone }])]; // an input takes any zone, a select what it offers
    const restored = options.some((each, at) => at > 0 && each.selected && !each.defaultSelected); // after going back
    if (filled.has(field) || restored || !options.some((each) => each.value === zone)) continue;
    field.value = zone;
    filled.add(field);
  }
}

export function FetchForm({ action, failureMessage, children, ...props }) {
  const form = useRef(null);
  const errors = useRef({}); // by field name; shown on nodes that React does not own, so that no rendering wipes them
  const filled = useRef(new WeakSet());
  const busy = useRef(null); // the button that was pressed
  const [message, setMessage] = useState("");

  const release = () => {
    busy.current?.removeAttribute("aria-busy");
    busy.current = null;
  };

  useEffect(() => {
    const here = form.current;
    // The page's state may bring options or swap a field later: what belongs there is put there again.
    const settle = () => {
      for (const [name, text] of Object.entries(errors.current)) show(here, name, text);
      fillZones(here, filled.current);
    };
    const observer = new MutationObserver(settle);
    observer.observe(here, { childList: true, subtree: true });
    const back = (event) => event.persisted && release(); // the browser had kept the page while somebody was away
    window.addEventListener("pageshow", back);
    settle();
    return () => {
      observer.disconnect();
      window.removeEventListener("pageshow", back);
    };
  }, []);

  const onSubmit = async (event) => {
    event.preventDefault();
    if (busy.current) return;
    const here = form.current;
    busy.current = event.nativeEvent.submitter ?? here.querySelector('[type="submit"]') ?? here;
    busy.current.setAttribute("aria-busy", "true");
    setMessage(""); // so that the same words are news again
    const fields = [...new FormData(here)].filter(([, value]) => typeof value === "string");
    const answer = await post(action, Object.fromEntries(fields), failureMessage);
    for (const name of Object.keys(errors.current)) show(here, name, "");
    errors.current = {};
    if (!here.isConnected) return; // somebody went on to another page
    if (answer.next) {
      window.location.assign(answer.next); // busy until the page is gone
      return;
    }
    release();
    errors.current = answer.errors;
    const homeless = Object.entries(answer.errors).filter(([name, text]) => !show(here, name, text));
    setMessage([answer.message, ...homeless.map(([, text]) => text)].filter(Boolean).join(" "));
    [...here.elements].find((control) => Object.hasOwn(answer.errors, control.name))?.focus();
  };

  const onInput = ({ target }) => {
    filled.current.add(target);
    if (!Object.hasOwn(errors.current, target.name)) return;
    delete errors.current[target.name];
    show(form.current, target.name, "");
  };

  // Before this script runs, submitting is the browser's business: "post" keeps a password out of the address then.
  return (
    <form method="post" noValidate {...props} ref={form} onSubmit={onSubmit} onInput={onInput}>
      <p className="form-error" role="alert">
        {message}
      </p>
      {children}
    </form>
  );
}
