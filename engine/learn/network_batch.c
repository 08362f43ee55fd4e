/* network_batch.c: batches into the graph's two slots, and who is to blame when one spoils the loss. */
#include "network.h"

#include <math.h>
#include <stdlib.h>

static int fill(struct network *net, uint64_t number, struct sl_error *err)
{
    int slot = network_slot(net, number);
    if (net->loaded != number)
        sl_loader_seek(net->loader, number);
    net->loaded = number;
    sl_graph_uploaded(net->graph, slot);
    int status = sl_loader_next(net->loader, &net->in[slot], err);
    if (status)
        return status;
    net->loaded++;
    sl_graph_upload(net->graph, slot, net->in[slot].n);
    return SL_OK;
}

int network_fill(struct network *net, struct sl_error *err)
{
    int status = net->filled ? SL_OK : fill(net, net->step, err);
    net->filled = false;
    return status;
}

int network_fill_next(struct network *net, struct sl_error *err)
{
    uint64_t next = net->step + 1;
    if (next % net->per_epoch == 0 || next >= network_total(net)) /* the slots may be wanted for other records */
        return SL_OK;
    int status = fill(net, next, err);
    net->filled = !status;
    return status;
}

void network_spoil(struct network *net)
{
    net->filled = net->looked = false;
    if (net->loader)
        sl_loader_rest(net->loader);
}

int network_blame(struct network *net, uint32_t n, struct sl_error *err)
{
    size_t most = (size_t)net->batch.size;
    float *loss = malloc(most * sizeof *loss);
    uint64_t *record = malloc(most * sizeof *record);
    free(net->guilty);
    net->n_guilty = 0;
    net->guilty = malloc(most * sizeof *net->guilty);
    int status = loss && record && net->guilty ? SL_OK : sl_fail_memory(err, "the records of a batch");
    if (!status)
        status = sl_graph_row_loss(net->graph, n, loss, err);
    if (!status)
        status = sl_loader_records(net->loader, net->step, record, &n, err);
    for (uint32_t i = 0; i < n && !status; i++)
        if (!isfinite(loss[i]))
            net->guilty[net->n_guilty++] = record[i];
    if (!status && !net->n_guilty)
        for (; net->n_guilty < n; net->n_guilty++)
            net->guilty[net->n_guilty] = record[net->n_guilty];
    free(loss);
    free(record);
    network_spoil(net);
    return status;
}
