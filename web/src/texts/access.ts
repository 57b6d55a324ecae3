import type { Translations } from './translations.ts'

/** Access: members, keys, sessions, sign-in. */
export const access = {
  'Who may do what here. A change reaches running calls and open sessions within two seconds.': {
    fr: 'Qui peut faire quoi ici. Un changement atteint les appels en cours et les sessions ouvertes en deux secondes.',
    de: 'Wer hier was darf. Eine Änderung erreicht laufende Aufrufe und offene Sitzungen binnen zwei Sekunden.',
  },
  Members: { fr: 'Membres', de: 'Mitglieder' },
  Keys: { fr: 'Clés', de: 'Schlüssel' },
  Sessions: { fr: 'Sessions', de: 'Sitzungen' },
  'Sign-in and groups': { fr: 'Connexion', de: 'Anmeldung' },
  'Roles by group': { fr: 'Rôles par groupe', de: 'Rollen nach Gruppe' },
  'Of several, the first in the list of roles counts': {
    fr: 'De plusieurs, compte le premier dans la liste des rôles',
    de: 'Von mehreren zählt die erste in der Liste der Rollen',
  },
  'Loading roles by group': {
    fr: 'Chargement des rôles par groupe',
    de: 'Rollen nach Gruppe werden geladen',
  },
  'No group has a role yet': {
    fr: 'Aucun groupe n’a encore de rôle',
    de: 'Noch keine Gruppe hat eine Rolle',
  },
  'Give a group of your directory a role: its members then come in with it, and lose it with the group.':
    {
      fr: 'Donnez un rôle à un groupe de votre annuaire : ses membres entrent avec ce rôle, et le perdent avec le groupe.',
      de: 'Geben Sie einer Gruppe Ihres Verzeichnisses eine Rolle: Ihre Mitglieder kommen damit herein und verlieren sie mit der Gruppe.',
    },
  Group: { fr: 'Groupe', de: 'Gruppe' },
  Workspace: { fr: 'Espace de travail', de: 'Arbeitsbereich' },
  Role: { fr: 'Rôle', de: 'Rolle' },
  'Take the role from {group}': {
    fr: 'Retirer le rôle à {group}',
    de: '{group} die Rolle entziehen',
  },
  '{group} has no role there now; {count, plural, one {# member} other {# members}} changed.': {
    fr: '{group} n’y a plus de rôle ; {count, plural, one {# membre modifié} other {# membres modifiés}}.',
    de: '{group} hat dort keine Rolle mehr; {count, plural, one {# Mitglied} other {# Mitglieder}} geändert.',
  },
  '{group} is {role} now; {count, plural, one {# member} other {# members}} changed.': {
    fr: '{group} a maintenant le rôle {role} ; {count, plural, one {# membre modifié} other {# membres modifiés}}.',
    de: '{group} hat jetzt die Rolle {role}; {count, plural, one {# Mitglied} other {# Mitglieder}} geändert.',
  },
  'Group, as the directory calls it': {
    fr: 'Groupe, tel que l’annuaire le nomme',
    de: 'Gruppe, wie das Verzeichnis sie nennt',
  },
  'Give the role': { fr: 'Donner le rôle', de: 'Rolle vergeben' },
  'The key “{name}”': { fr: 'La clé « {name} »', de: 'Der Schlüssel „{name}“' },
  'Copy it now: it is not kept, and cannot be shown again.': {
    fr: 'Copiez-la maintenant : elle n’est pas conservée et ne pourra plus être affichée.',
    de: 'Kopieren Sie ihn jetzt: Er wird nicht aufbewahrt und kann nicht noch einmal angezeigt werden.',
  },
  'Try it:': { fr: 'Pour essayer :', de: 'Zum Ausprobieren:' },
  'Which keys': { fr: 'Quelles clés', de: 'Welche Schlüssel' },
  'In use': { fr: 'En usage', de: 'In Gebrauch' },
  'Make a key': { fr: 'Créer une clé', de: 'Schlüssel anlegen' },
  'Loading keys': { fr: 'Chargement des clés', de: 'Schlüssel werden geladen' },
  'No key is in use': { fr: 'Aucune clé n’est en usage', de: 'Kein Schlüssel in Gebrauch' },
  'A key is what a program calls Bastide with.': {
    fr: 'Une clé est ce avec quoi un programme appelle Bastide.',
    de: 'Mit einem Schlüssel ruft ein Programm Bastide auf.',
  },
  Name: { fr: 'Nom', de: 'Name' },
  'of {name}': { fr: 'de {name}', de: 'von {name}' },
  Ends: { fr: 'Fin', de: 'Endet' },
  never: { fr: 'jamais', de: 'nie' },
  'Last used': { fr: 'Dernier usage', de: 'Zuletzt benutzt' },
  'Rotate…': { fr: 'Renouveler…', de: 'Erneuern…' },
  'Revoke…': { fr: 'Révoquer…', de: 'Widerrufen…' },
  'Revoke “{name}”': { fr: 'Révoquer « {name} »', de: '„{name}“ widerrufen' },
  Revoke: { fr: 'Révoquer', de: 'Widerrufen' },
  'The key “{name}” is revoked.': {
    fr: 'La clé « {name} » est révoquée.',
    de: 'Der Schlüssel „{name}“ ist widerrufen.',
  },
  'Calls and sessions with this key are refused from now on, and those that run end within two seconds. To change a key without an interruption, rotate it.':
    {
      fr: 'Les appels et sessions avec cette clé sont désormais refusés, et ceux en cours s’arrêtent en deux secondes. Pour changer de clé sans interruption, renouvelez-la.',
      de: 'Aufrufe und Sitzungen mit diesem Schlüssel werden ab jetzt abgelehnt, laufende enden binnen zwei Sekunden. Um einen Schlüssel ohne Unterbrechung zu wechseln, erneuern Sie ihn.',
    },
  '{name} is a member now. Make a key for them, or let them sign in.': {
    fr: '{name} est maintenant membre. Créez-lui une clé, ou laissez-le se connecter.',
    de: '{name} ist jetzt Mitglied. Legen Sie einen Schlüssel an oder lassen Sie die Person sich anmelden.',
  },
  'Add a member': { fr: 'Ajouter un membre', de: 'Mitglied hinzufügen' },
  'For people that no directory tells of.': {
    fr: 'Pour les personnes qu’aucun annuaire ne signale.',
    de: 'Für Personen, die kein Verzeichnis meldet.',
  },
  'Address (optional)': { fr: 'Adresse (facultative)', de: 'Adresse (optional)' },
  'Loading members': { fr: 'Chargement des membres', de: 'Mitglieder werden geladen' },
  'Nobody is a member yet': { fr: 'Personne n’est encore membre', de: 'Noch niemand ist Mitglied' },
  'Members are people. They sign in with the organisation’s directory, or with a key of their own.':
    {
      fr: 'Les membres sont des personnes. Elles se connectent avec l’annuaire de l’organisation, ou avec une clé à elles.',
      de: 'Mitglieder sind Personen. Sie melden sich mit dem Verzeichnis der Organisation an oder mit einem eigenen Schlüssel.',
    },
  'Role of {name}': { fr: 'Rôle de {name}', de: 'Rolle von {name}' },
  '{name} is {role} now.': {
    fr: '{name} a maintenant le rôle {role}.',
    de: '{name} hat jetzt die Rolle {role}.',
  },
  '{name} has no access now.': {
    fr: '{name} n’a plus accès.',
    de: '{name} hat jetzt keinen Zugriff.',
  },
  '{name} has access again.': {
    fr: '{name} a de nouveau accès.',
    de: '{name} hat wieder Zugriff.',
  },
  'Make a key for them…': { fr: 'Lui créer une clé…', de: 'Schlüssel für die Person anlegen…' },
  Suspend: { fr: 'Suspendre', de: 'Sperren' },
  Reinstate: { fr: 'Rétablir', de: 'Entsperren' },
  'Remove…': { fr: 'Retirer…', de: 'Entfernen…' },
  'Remove {name} from this workspace': {
    fr: 'Retirer {name} de cet espace de travail',
    de: '{name} aus diesem Arbeitsbereich entfernen',
  },
  '{name} is no member of this workspace any more.': {
    fr: '{name} n’est plus membre de cet espace de travail.',
    de: '{name} ist kein Mitglied dieses Arbeitsbereichs mehr.',
  },
  'Their keys and sessions stop working, and what they have running here ends. Their entries in the ledger and the audit log stay.':
    {
      fr: 'Ses clés et sessions cessent de fonctionner, et ce qui s’exécute ici pour ce membre s’arrête. Ses écritures au registre et au journal d’audit restent.',
      de: 'Schlüssel und Sitzungen der Person gelten nicht mehr, und was für sie hier läuft, endet. Ihre Einträge im Verbrauchsbuch und im Audit-Protokoll bleiben.',
    },
  '{name}’s key': { fr: 'Clé de {name}', de: 'Schlüssel von {name}' },
  'Make a key for {name}': { fr: 'Créer une clé pour {name}', de: 'Schlüssel für {name} anlegen' },
  'It can do what the member may do here, and ends with their access.': {
    fr: 'Elle peut ce que le membre peut faire ici, et prend fin avec son accès.',
    de: 'Er darf, was das Mitglied hier darf, und endet mit dessen Zugriff.',
  },
  'For a program that calls Bastide.': {
    fr: 'Pour un programme qui appelle Bastide.',
    de: 'Für ein Programm, das Bastide aufruft.',
  },
  Make: { fr: 'Créer', de: 'Anlegen' },
  'What it is for: it stands in the ledger and in the audit log.': {
    fr: 'Ce à quoi elle sert : ce nom figure au registre et au journal d’audit.',
    de: 'Wofür er ist: So steht er im Verbrauchsbuch und im Audit-Protokoll.',
  },
  'Good for': { fr: 'Valable', de: 'Gültig für' },
  'Loading sessions': { fr: 'Chargement des sessions', de: 'Sitzungen werden geladen' },
  'Nobody is signed in': { fr: 'Personne n’est connecté', de: 'Niemand ist angemeldet' },
  'Sessions of this workspace’s console stand here while they are open.': {
    fr: 'Les sessions de la console de cet espace de travail figurent ici tant qu’elles sont ouvertes.',
    de: 'Sitzungen der Konsole dieses Arbeitsbereichs stehen hier, solange sie offen sind.',
  },
  'Open sessions': { fr: 'Sessions ouvertes', de: 'Offene Sitzungen' },
  Who: { fr: 'Qui', de: 'Wer' },
  'by key': { fr: 'par clé', de: 'mit Schlüssel' },
  'The session of {who} has ended.': {
    fr: 'La session de {who} est terminée.',
    de: 'Die Sitzung von {who} ist beendet.',
  },
  'End<hidden> the session of {who}</hidden>': {
    fr: 'Terminer<hidden> la session de {who}</hidden>',
    de: 'Beenden<hidden>: Sitzung von {who}</hidden>',
  },
  'People can sign in with {name}, once an egress rule lets Bastide reach it.': {
    fr: 'On peut se connecter avec {name}, dès qu’une règle de sortie permet à Bastide de le joindre.',
    de: 'Mit {name} kann man sich anmelden, sobald eine Regel für ausgehenden Verkehr Bastide dorthin lässt.',
  },
  'Add an identity provider': {
    fr: 'Ajouter un fournisseur d’identité',
    de: 'Identitätsanbieter hinzufügen',
  },
  'Register Bastide there as a web application with this redirect address:': {
    fr: 'Enregistrez-y Bastide comme application web avec cette adresse de redirection :',
    de: 'Registrieren Sie Bastide dort als Webanwendung mit dieser Weiterleitungsadresse:',
  },
  'Name on the sign-in page': {
    fr: 'Nom sur la page de connexion',
    de: 'Name auf der Anmeldeseite',
  },
  'House directory': { fr: 'Annuaire de la maison', de: 'Hausverzeichnis' },
  Issuer: { fr: 'Émetteur', de: 'Aussteller' },
  'As the provider states it. Allow its host under Egress as well.': {
    fr: 'Tel que le fournisseur l’indique. Autorisez aussi son hôte dans les sorties réseau.',
    de: 'Wie der Anbieter ihn angibt. Erlauben Sie seinen Host auch unter „Ausgehender Verkehr“.',
  },
  'Client id': { fr: 'Identifiant du client', de: 'Client-Kennung' },
  'Client secret': { fr: 'Secret du client', de: 'Client-Geheimnis' },
  'Kept sealed. Empty for a public client.': {
    fr: 'Conservé scellé. Vide pour un client public.',
    de: 'Wird versiegelt aufbewahrt. Leer für einen öffentlichen Client.',
  },
  'Claim that lists groups': {
    fr: 'Attribut qui liste les groupes',
    de: 'Angabe, die Gruppen nennt',
  },
  'Empty: a directory tells of groups over SCIM.': {
    fr: 'Vide : un annuaire signale les groupes par SCIM.',
    de: 'Leer: Ein Verzeichnis meldet Gruppen über SCIM.',
  },
  'An address the provider has verified claims the member who has it': {
    fr: 'Une adresse vérifiée par le fournisseur désigne le membre qui la porte',
    de: 'Eine vom Anbieter geprüfte Adresse steht für das Mitglied, das sie hat',
  },
  'Only for a provider of your own, where nobody chooses their address.': {
    fr: 'Seulement pour un fournisseur à vous, où personne ne choisit son adresse.',
    de: 'Nur für einen eigenen Anbieter, bei dem niemand seine Adresse wählt.',
  },
  'Identity providers': { fr: 'Fournisseurs d’identité', de: 'Identitätsanbieter' },
  'Add a provider': { fr: 'Ajouter un fournisseur', de: 'Anbieter hinzufügen' },
  'Loading identity providers': {
    fr: 'Chargement des fournisseurs d’identité',
    de: 'Identitätsanbieter werden geladen',
  },
  'People sign in with keys only': {
    fr: 'On se connecte uniquement avec des clés',
    de: 'Anmeldung nur mit Schlüsseln',
  },
  'With an OpenID Connect provider (Entra, Keycloak, Okta…) they sign in as they do everywhere else in the house, and whoever leaves it has no access here.':
    {
      fr: 'Avec un fournisseur OpenID Connect (Entra, Keycloak, Okta…), chacun se connecte comme partout ailleurs dans la maison, et qui la quitte n’a plus accès ici.',
      de: 'Mit einem OpenID-Connect-Anbieter (Entra, Keycloak, Okta…) melden sich alle an wie überall sonst im Haus, und wer es verlässt, hat hier keinen Zugriff mehr.',
    },
  'verified addresses claim members': {
    fr: 'les adresses vérifiées désignent les membres',
    de: 'geprüfte Adressen stehen für Mitglieder',
  },
  'groups in “{claim}”': { fr: 'groupes dans « {claim} »', de: 'Gruppen in „{claim}“' },
  'groups by SCIM only': { fr: 'groupes par SCIM seulement', de: 'Gruppen nur über SCIM' },
  'Remove {name}': { fr: 'Retirer {name}', de: '{name} entfernen' },
  'Nobody signs in with {name} any more.': {
    fr: 'Plus personne ne se connecte avec {name}.',
    de: 'Niemand meldet sich mehr mit {name} an.',
  },
  'Sessions that began with it end now. Members and their roles stay; they can still be given keys.':
    {
      fr: 'Les sessions ouvertes avec lui s’arrêtent maintenant. Les membres et leurs rôles restent ; des clés peuvent toujours leur être données.',
      de: 'Sitzungen, die damit begannen, enden jetzt. Mitglieder und ihre Rollen bleiben; sie können weiterhin Schlüssel erhalten.',
    },
  'Rotate “{name}”': { fr: 'Renouveler « {name} »', de: '„{name}“ erneuern' },
  'A new key with the same rights. The old one goes on working while programs change over.': {
    fr: 'Une nouvelle clé avec les mêmes droits. L’ancienne continue de fonctionner pendant que les programmes changent.',
    de: 'Ein neuer Schlüssel mit denselben Rechten. Der alte gilt weiter, während Programme umgestellt werden.',
  },
  Rotate: { fr: 'Renouveler', de: 'Erneuern' },
  'The old key works for': {
    fr: 'L’ancienne clé fonctionne encore',
    de: 'Der alte Schlüssel gilt noch',
  },
  '30 days': { fr: '30 jours', de: '30 Tage' },
  '90 days': { fr: '90 jours', de: '90 Tage' },
  'a year': { fr: 'un an', de: 'ein Jahr' },
  'no end': { fr: 'sans fin', de: 'unbegrenzt' },
  'one hour': { fr: 'une heure', de: 'eine Stunde' },
  'a day': { fr: 'un jour', de: 'einen Tag' },
  'a week': { fr: 'une semaine', de: 'eine Woche' },
  'everything, also identity, workspaces and backups': {
    fr: 'tout, y compris identité, espaces de travail et sauvegardes',
    de: 'alles, auch Identität, Arbeitsbereiche und Sicherungen',
  },
  'members, keys, limits, models and egress': {
    fr: 'membres, clés, limites, modèles et sorties réseau',
    de: 'Mitglieder, Schlüssel, Grenzen, Modelle und ausgehender Verkehr',
  },
  'uses and publishes models': {
    fr: 'utilise et publie des modèles',
    de: 'nutzt und veröffentlicht Modelle',
  },
  'uses models and documents': {
    fr: 'utilise les modèles et les documents',
    de: 'nutzt Modelle und Dokumente',
  },
  'sees everything, changes nothing': {
    fr: 'voit tout, ne change rien',
    de: 'sieht alles, ändert nichts',
  },
  'this one': { fr: 'celle-ci', de: 'diese' },
} as const satisfies Translations
