import { useEffect, useId, useRef, useState } from "react";
import { getBackendURL } from "$/utils/state";

const SERVER_MS = 30_000; // how long the server may take
const CLIPBOARD_MS = 3_000; // how long the browser may take once the link exists: a prompt may never be answered
const COPIED_MS = 3_000; // how long the button says what happened

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks the backend for one link, with the options that a form around the button has. Rejects unless the link exists; `words` is what the server has to say to a person. */
async function makeLink(path, form) {
  const json = form && { body: JSON.stringify(Object.fromEntries(new FormData(form))) };
  const response = await fetch(new URL(path, getBackendURL()), {
    method: "POST",
    credentials: "include", // in development the backend is another origin
    headers: { "X-Requested-With": "singleuse", ...(json && { "Content-Type": "application/json" }) }, // not from afar
    ...json,
    signal: AbortSignal.timeout(SERVER_MS),
  });
  const answer = await response.json().catch(() => null);
  if (response.ok && typeof answer?.url === "string" && answer.url) return answer.url;
  throw Object.assign(new Error("no link"), { words: answer?.message, errors: answer?.errors });
}

/** Shows at each field of a form what is wrong with it, nothing where nothing is; the first one gets the focus. */
function tell(form, errors) {
  let first = null;
  for (const control of form.elements) {
    const note = control.name && form.querySelector(`#${CSS.escape(`${control.id}-error`)}`);
    if (!note) continue;
    note.textContent = errors[control.name] ?? "";
    control.setAttribute("aria-invalid", String(control.name in errors));
    if (control.name in errors) first ??= control;
  }
  first?.focus();
}

/**
 * Must be called inside the click: browsers allow a write only while a click is fresh, so they are handed the promise
 * of a link. If the promise is broken they write nothing, and what was on the clipboard stays there.
 */
function copyWhenMade(link) {
  const text = link.then((words) => new Blob([words], { type: "text/plain" }));
  text.catch(() => {}); // a browser that refuses at once never looks at it
  try {
    return navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]);
  } catch {
    // No clipboard (plain http), no ClipboardItem, or one that takes no promises: try once more when the link is there.
    return link.then((words) => navigator.clipboard.writeText(words));
  }
}

/** The same promise, but broken if it is still open some time after the link was made. */
const withinReason = (copy, link) =>
  Promise.race([copy, link.then(() => sleep(CLIPBOARD_MS)).then(() => Promise.reject(new Error("no clipboard")))]);

export function CopyLinkButton(props) {
  const { label, path, copiedLabel, copiedMessage, failureMessage, fieldLabel, message, withOptions, onDone, ...button } = props;
  // idle {} → {busy} → {copied, status} → {status} | {url, status} | {problem}
  const [now, setNow] = useState({});
  const busy = useRef(false); // state is too late for a second click in the same tick
  const whole = useRef(null);
  const field = useRef(null);
  const from = useRef(null); // what had the focus at the click: with Enter in a form, the field that was typed in
  const id = useId();
  const Field = message ? "textarea" : "input";

  const onClick = async (event) => {
    if (busy.current || event.detail > 1) return; // the second half of a double click is not a second link
    busy.current = true;
    from.current = document.activeElement;
    const room = event.currentTarget.getBoundingClientRect().width;
    const form = withOptions ? event.currentTarget.form : null;
    const link = makeLink(path, form).then((url) => (message ? message.replaceAll("{url}", url) : url));
    const copy = copyWhenMade(link);
    setNow({ busy: true }); // empties the live region, so that the same words are news again
    const [made, copied] = await Promise.allSettled([link, withinReason(copy, link)]);
    busy.current = false;
    if (form) tell(form, made.reason?.errors ?? {});
    if (made.status === "rejected") {
      const words = made.reason?.words;
      setNow({ problem: typeof words === "string" && words ? words : failureMessage });
      return;
    }
    if (copied.status === "fulfilled") setNow({ copied: true, status: copiedMessage, room });
    else setNow({ url: made.value, status: fieldLabel });
    onDone?.();
  };

  useEffect(() => {
    if (!now.copied) return undefined;
    const timer = setTimeout(() => setNow({ status: copiedMessage }), COPIED_MS);
    return () => clearTimeout(timer);
  }, [now.copied, copiedMessage]);

  useEffect(() => {
    if (!now.url) return;
    // Whoever went on to type elsewhere is not dragged back. (On a Mac, Safari gives a clicked button no focus.)
    const here = document.activeElement;
    if (here && here !== document.body && here !== from.current && !whole.current.contains(here)) return;
    field.current.focus();
    field.current.select();
  }, [now.url]);

  return (
    <div className="copy-link" ref={whole}>
      <button
        {...button}
        onClick={onClick}
        data-state={now.copied ? "copied" : undefined}
        style={{ minInlineSize: now.room }} // fewer words move nothing beside the button
        aria-busy={now.busy || undefined}
        aria-disabled={now.busy || undefined} // not `disabled`, which would lose the focus
      >
        {now.copied ? copiedLabel : label}
      </button>
      <span className="visually-hidden" role="status">
        {now.status}
      </span>
      {now.problem && (
        <p className="field-error" role="alert">
          {now.problem}
        </p>
      )}
      {now.url && (
        <>
          <label htmlFor={id}>{fieldLabel}</label>
          <Field
            id={id}
            className="copy-field"
            ref={field}
            readOnly
            value={now.url}
            onFocus={(event) => event.target.select()}
          />
        </>
      )}
    </div>
  );
}
