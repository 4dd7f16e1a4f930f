import { DetailType } from '../../src/clients/detail-type.ts';

/** Two types as a bank has them (RFC 9396, sections 2 and 2.1), and a detail of each. */
export const paymentType = DetailType.parse({
  type: 'payment_initiation',
  title: { en: 'Payment', de: 'Zahlung' },
  sentence: {
    en: 'Pay {instructedAmount.amount} {instructedAmount.currency} to {creditorName}',
    de: '{instructedAmount.amount} {instructedAmount.currency} an {creditorName} zahlen',
  },
  actions: ['initiate', 'status', 'cancel'],
  fields: [
    {
      name: 'instructedAmount',
      type: 'object',
      required: true,
      fields: [
        { name: 'currency', enum: ['EUR', 'CHF'], required: true },
        { name: 'amount', type: 'amount', max: 10_000, required: true },
      ],
    },
    { name: 'creditorName', max: 70, required: true },
    {
      name: 'creditorAccount',
      type: 'object',
      fields: [{ name: 'iban', label: 'IBAN', max: 34, required: true }],
    },
    {
      name: 'remittanceInformationUnstructured',
      label: { en: 'Reference', de: 'Verwendungszweck' },
      max: 140,
    },
    { name: 'executionDate', type: 'date', label: { en: 'On', de: 'Am' } },
    { name: 'instant', type: 'boolean', label: { en: 'At once', de: 'Sofort' } },
  ],
});

export const payment = {
  type: 'payment_initiation',
  actions: ['initiate', 'status'],
  instructedAmount: { currency: 'EUR', amount: '123.50' },
  creditorName: 'Merchant A',
  creditorAccount: { iban: 'DE02100100109307118603' },
  remittanceInformationUnstructured: 'Ref Number Merchant',
  executionDate: '2026-12-24',
  instant: true,
};

export const accountsType = DetailType.parse({
  type: 'account_information',
  title: { en: 'Account information', de: 'Kontoinformationen' },
  sentence: {
    en: 'Look at your accounts: {actions}',
    de: 'Ihre Konten ansehen: {actions}',
  },
  actions: ['list_accounts', 'read_balances', 'read_transactions'],
  names: {
    list_accounts: { en: 'which there are', de: 'welche es gibt' },
    read_balances: { en: 'what is in them', de: 'was darauf ist' },
  },
  remember: true,
});

export const accountDetail = {
  type: 'account_information',
  actions: ['list_accounts', 'read_balances'],
};
