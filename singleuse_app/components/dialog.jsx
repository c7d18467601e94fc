import { useEffect, useId, useRef, useState } from "react";

/**
 * A button that opens a modal dialog. What is in the dialog is there while it is open, and fresh the next time. If there
 * is something to fill in, it begins there.
 */
export function DialogButton({ label, title, closeLabel, children, ...button }) {
  const dialog = useRef(null);
  const [isOpen, open] = useState(false);
  const id = useId();
  useEffect(() => {
    if (!isOpen) return;
    dialog.current.showModal();
    dialog.current.querySelector("input, select, textarea")?.focus();
  }, [isOpen]);
  return (
    <>
      <button type="button" {...button} onClick={() => open(true)} aria-haspopup="dialog">
        {label}
      </button>
      <dialog ref={dialog} className="dialog" aria-labelledby={id} onClose={() => open(false)}>
        <div className="dialog__head">
          <h2 id={id}>{title}</h2>
          <button type="button" className="button button--quiet" onClick={() => dialog.current.close()}>
            {closeLabel}
          </button>
        </div>
        {isOpen && children}
      </dialog>
    </>
  );
}
