import type { MadeKey } from '../../api/access.ts'
import { Button } from '../../ui/button.tsx'
import { CommandLine } from '../../ui/command-line.tsx'
import { Dialog } from '../../ui/dialog.tsx'

/** The secret of a key made just now; it is shown here and never again. */
export function SecretDialog({ made, onClose }: { made: MadeKey; onClose: () => void }) {
  const curl = `curl ${location.origin}/v1/models -H "Authorization: Bearer $BASTIDE_KEY"`
  return (
    <Dialog
      title={`The key “${made.name}”`}
      description="Copy it now: it is not kept, and cannot be shown again."
      onClose={onClose}
      footer={
        <Button look="primary" onClick={onClose}>
          I have copied it
        </Button>
      }
    >
      <CommandLine command={made.key} />
      <p className="mt-4 mb-1 text-xs text-ink-2">Try it:</p>
      <CommandLine command={`export BASTIDE_KEY=${made.key}\n${curl}`} />
    </Dialog>
  )
}
