import { useRef, useState } from "react";
import { post } from "./fetch_form.jsx";

export function ApiButton({ label, action, failureMessage, ...button }) {
  const [now, setNow] = useState({});
  const busy = useRef(false);

  const onClick = async () => {
    if (busy.current) return;
    busy.current = true;
    setNow({ busy: true });
    const { next, message } = await post(action, {}, failureMessage);
    busy.current = false;
    setNow({ problem: message });
    if (next) window.location.assign(next);
  };

  return (
    <>
      <button type="button" {...button} onClick={onClick} aria-busy={now.busy} aria-disabled={now.busy}>
        {label}
      </button>
      {now.problem && (
        <p className="field-error" role="alert">
          {now.problem}
        </p>
      )}
    </>
  );
}
