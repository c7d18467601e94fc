import { useId, useRef, useState } from "react";

/** A button that opens a modal dialog. What is in the dialog is there while it is open, and fresh the next time. */
export function DialogButton({ label, title, closeLabel, children, ...button }) {
  const dialog = useRef(null);
  const [isOpen, open] = useState(false);
  const id = useId();
  const show = () => {
    open(true);
    dialog.current.showModal();
  };
  return (
    <>
      <button type="button" {...button} onClick={show} aria-haspopup="dialog">
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
