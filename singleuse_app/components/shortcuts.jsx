import { useEffect, useRef, useState } from "react";
import { DialogButton } from "../dialog/dialog.jsx"; // where the build puts what dialog.py brings

const KEPT = "singleuse_shortcuts_off";

/** Whether a key is meant for what has the focus: there it is a letter, or a choice. */
const isTaken = (event) =>
  event.defaultPrevented ||
  event.ctrlKey ||
  event.metaKey ||
  event.altKey ||
  event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog[open]");

/** What a key is for: what it marks in the card that has the focus, else the first on the page that can be seen. */
function target(does) {
  const all = (within) => [...within.querySelectorAll(`[data-shortcut=${does}]`)].filter((one) => one.checkVisibility());
  const card = document.activeElement?.closest("li, section");
  return (card && all(card)[0]) ?? all(document)[0];
}

/** Keys that do what a button or a link does. Somebody who talks to their computer can switch them off (WCAG 2.1.4). */
export function Shortcuts({ label, title, closeLabel, keys, switchLabel, className }) {
  const [isOff, switchOff] = useState(false);
  const place = useRef(null);
  useEffect(() => switchOff(localStorage.getItem(KEPT) === "yes"), []);
  useEffect(() => {
    if (isOff) return;
    const onKeyDown = (event) => {
      const known = keys.find(({ key }) => key === event.key);
      if (!known || isTaken(event) || localStorage.getItem(KEPT) === "yes") return; // another tab may have said so
      const found = known.does === "help" ? place.current.querySelector("button") : target(known.does);
      const element = found ?? document.querySelector(`.header__nav a[href="${known.elsewhere}"]`);
      if (!element) return;
      event.preventDefault();
      if (known.does === "search" && found) element.focus();
      else element.click();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [isOff, keys]);
  const keep = (event) => {
    localStorage.setItem(KEPT, event.target.checked ? "no" : "yes");
    switchOff(!event.target.checked);
  };
  return (
    <span ref={place} className="shortcuts">
      <DialogButton label="?" aria-label={label} title={title} closeLabel={closeLabel} className={className}>
        <dl className="shortcuts__keys">
          {keys.map(({ key, words }) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{words}</dd>
            </div>
          ))}
        </dl>
        <label className="check">
          <input type="checkbox" checked={!isOff} onChange={keep} /> {switchLabel}
        </label>
      </DialogButton>
    </span>
  );
}
